// SPDX-License-Identifier: Apache-2.0
//
// Two states of one FAT filesystem compared file by file. It has neither owners nor permissions
// nor links: a file is its path, its type and its content. Thread safety: one thread at a time.
#pragma once

#include "platform/disk/ext4/compare.hpp"
#include "platform/disk/fat/volume.hpp"

namespace patchlab::disk {

struct FatPair {
    FatVolume& before;
    FatVolume& after;
    std::string mount_point;  ///< "/boot/efi"
    /// Where the disks differ: a file of which nothing is touched is not read. Null: all are read.
    const BlockDifference* difference = nullptr;
    TextWanted* texts = nullptr;  ///< of which files the text is kept; null: of none
};

/// Gives how many files and folders it looked at. Unreadable when a folder is damaged.
std::uint64_t compare_fat(const FatPair& pair, const ChangeSink& sink);

}  // namespace patchlab::disk
