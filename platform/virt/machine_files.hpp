// SPDX-License-Identifier: Apache-2.0
//
// The files of one machine, made ready before QEMU starts and moved to where the caller wants them
// afterwards. Private to this folder.
#pragma once

#include <filesystem>
#include <memory>

#include "platform/virt/hypervisor.hpp"
#include "platform/virt/qemu_user.hpp"

namespace patchlab::virt {

/// Checks what a caller can get wrong: name, sizes, absolute paths, a socket path that fits.
/// Error(invalid).
void require_sound(const MachineSpec& spec);

/// The overlay and the console log become QEMU's. Error(lab) when it could not reach them.
void prepare_disk_and_log(const MachineSpec& spec, const QemuUser& user);

/// A fresh sparse file of the guest's memory size, QEMU's. Error(lab) when the disk has no room for
/// all of it.
void create_memory_file(const MachineSpec& spec, const QemuUser& user);

/// Moves the socket that QEMU made in its own folder to the place the caller named, root's alone.
void place_socket(const std::filesystem::path& made, const std::filesystem::path& wanted);

/// Cuts a console log that has grown past 16 MiB: the first 8 MiB and what is written from now on
/// stay.
void limit_log(const std::filesystem::path& log);

// Keeps the console logs of running machines from filling the disk, once a second on libvirt's
// event loop. Private to this folder. Ownership: the list is shared with the event loop, which may
// still be at it when this object goes. Thread safety: full.

class LogKeeper {
  public:
    /// libvirt's event loop must be registered.
    LogKeeper();
    ~LogKeeper();
    LogKeeper(const LogKeeper&) = delete;
    LogKeeper& operator=(const LogKeeper&) = delete;

    void add(const std::filesystem::path& log);
    void remove(const std::filesystem::path& log);

    struct Logs;

  private:
    std::shared_ptr<Logs> logs_;
    int timer_ = -1;
};

}  // namespace patchlab::virt
