// SPDX-License-Identifier: Apache-2.0
//
// What disks that boot by BIOS and by UEFI are made of. Private to this folder. Thread safety: as
// the CommandRunner.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "orchestrator/images/boot_disk.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::images {

struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

/// A new file of this size that holds nothing. Error(lab).
UniqueFd create_sparse(const fs::path& disk, std::uint64_t bytes);
/// Error(lab).
void write_at(const UniqueFd& fd, const std::string& bytes, std::uint64_t offset,
              const fs::path& path);
/// An ext4 filesystem with the content of `root` at a place of the disk. Error(invalid) when the
/// system does not fit.
void make_root_filesystem(const DiskRequest& request, const fs::path& root, const fs::path& disk,
                          const Extent& place, process::CommandRunner& commands);
/// GRUB's modules and their lists.
void copy_modules(const fs::path& from, const fs::path& to);

/// make_boot_disk() for a machine that starts by UEFI.
void make_efi_disk(const DiskRequest& request, const fs::path& root, const fs::path& disk,
                   process::CommandRunner& commands);

}  // namespace patchlab::images
