// SPDX-License-Identifier: Apache-2.0
//
// DiskPlan: which image stands on which, as a pure model. Disks are planned here, then made: the
// plan yields the qemu-img arguments and refuses to write or delete an image that another one still
// stands on. External overlays only. Nothing here touches a file. Thread safety: as a value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace patchlab::disk {

/// Arguments of `qemu-img` that make `overlay` (qcow2) on `backing`. The backing's format is always
/// said: an image whose format qemu has to guess is an image whose guest chooses what the host
/// opens. `virtual_bytes`: larger than the backing, if set.
std::vector<std::string> create_overlay_arguments(
    const std::filesystem::path& backing, const std::string& backing_format,
    const std::filesystem::path& overlay,
    std::optional<std::uint64_t> virtual_bytes = std::nullopt);

struct PlannedDisk {
    std::filesystem::path file;  ///< absolute
    std::string format;          ///< "qcow2" or "raw"
    std::optional<std::filesystem::path> backing;
    bool read_only = false;       ///< never written again; only such a disk may carry overlays
    std::set<std::string> users;  ///< who needs it: "machine web of run r-…"
};

class DiskPlan {
  public:
    /// A disk that exists and is never written: a golden image. Error(conflict) when the file is
    /// planned already.
    void add_base(const std::filesystem::path& file, const std::string& format);
    /// A new overlay (qcow2) on a read-only disk; gives the qemu-img arguments that make it.
    /// Error(not_found) when the backing is not planned, Error(conflict) when it may still be
    /// written or the overlay is planned already.
    std::vector<std::string> add_overlay(const std::filesystem::path& overlay,
                                         const std::filesystem::path& backing);
    /// From now on the disk is never written again (the disk of a checkpoint), so that overlays may
    /// stand on it.
    void freeze(const std::filesystem::path& file);

    void add_user(const std::filesystem::path& file, const std::string& user);
    void remove_user(const std::filesystem::path& file, const std::string& user);

    /// True when a machine may be started on it: planned, not read-only, nothing stands on it.
    bool writable(const std::filesystem::path& file) const;
    /// The disk, then what it stands on, down to the base.
    std::vector<std::filesystem::path> chain(const std::filesystem::path& file) const;
    /// The disks that stand on it, directly or not.
    std::vector<std::filesystem::path> dependents(const std::filesystem::path& file) const;
    /// Takes the disk out of the plan, after which its file may be deleted. Error(conflict), naming
    /// who needs it, when a disk stands on it or a user is left.
    void remove(const std::filesystem::path& file);
    /// The overlays nobody needs, each before what it stands on: an order in which all of them can
    /// be removed.
    std::vector<std::filesystem::path> unused_overlays() const;

    const PlannedDisk& disk(const std::filesystem::path& file) const;
    bool has(const std::filesystem::path& file) const;

  private:
    PlannedDisk& disk(const std::filesystem::path& file);
    std::map<std::filesystem::path, PlannedDisk> disks_;
};

}  // namespace patchlab::disk
