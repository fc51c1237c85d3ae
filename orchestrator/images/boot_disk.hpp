// SPDX-License-Identifier: Apache-2.0
//
// A bootable raw disk from a folder that holds a system: an ext4 partition, and GRUB in the sectors
// before it or, for UEFI, on a partition for the firmware, so that the machine boots from its own
// disk with its own boot loader. Nothing is mounted and no loop device is needed. Thread safety: as
// the CommandRunner.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "platform/process/command.hpp"

namespace patchlab::images {

struct DiskRequest {
    std::uint64_t bytes = 3ULL << 30;  ///< of the whole disk; a multiple of 1 MiB
    std::string filesystem_uuid;
    bool uefi = false;  ///< a GUID partition table, GRUB on the firmware's own partition
};

/// The serial number of the firmware's partition, eight hexadecimal digits.
std::string efi_serial(const DiskRequest& request);

/// Writes `disk` (new, sparse). Also puts GRUB's modules into `root`/boot/grub, where the boot
/// loader expects them. Error(invalid) when the system does not fit, Error(lab) otherwise; no file
/// is left then.
void make_boot_disk(const DiskRequest& request, const std::filesystem::path& root,
                    const std::filesystem::path& disk, process::CommandRunner& commands);

/// The first sector: GRUB's 440 bytes of code (the start of its boot.img) and a table with one
/// active Linux partition from 1 MiB to the end. Pure.
std::string boot_sector(const std::string& boot_image, std::uint64_t disk_bytes,
                        std::uint32_t disk_signature);

}  // namespace patchlab::images
