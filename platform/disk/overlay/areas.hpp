// SPDX-License-Identifier: Apache-2.0
//
// The comparison of two whole disks, area by area: ext4 and FAT volumes file by file, bytes outside
// of filesystems as they are, and a list of what somebody else must compare. This runs in the
// unprivileged child. Thread safety: one thread at a time.
#pragma once

#include <string>
#include <vector>

#include "platform/disk/ext4/compare.hpp"
#include "platform/disk/overlay/block_partitions.hpp"

namespace patchlab::disk {

struct DiskPair {
    BlockReader& base;
    BlockReader& overlay;
    /// What the overlay holds, sorted. Only read by compare_touched_areas.
    std::vector<ByteRange> held;
    TextWanted* texts = nullptr;  ///< of which files the text is kept; null: of none
};

struct AreaReport {
    std::uint64_t inodes = 0;
    /// Areas that differ (or, in a full walk, may differ) and hold a filesystem that is neither
    /// ext4 nor FAT, or one that cannot be read here.
    std::vector<Area> others;
};

AreaReport compare_touched_areas(const DiskPair& disks, const ChangeSink& sink);
AreaReport compare_all_areas(const DiskPair& disks, const ChangeSink& sink);

/// Where each area of `areas` is mounted, by the /etc/fstab of the root filesystem among the ext4
/// volumes: "" for the root, "/boot", or the area's name when nothing tells.
std::vector<std::string> mount_points(BlockReader& disk, const std::vector<Area>& areas);

}  // namespace patchlab::disk
