// SPDX-License-Identifier: Apache-2.0
//
// Two states of one ext4 volume compared file by file, in two ways that must give the same answer:
// guided by the blocks that differ, or by walking everything. A file is what a path leads to; every
// path of a hard-linked file is reported. Thread safety: one thread at a time.
#pragma once

#include <functional>
#include <string>

#include "platform/disk/ext4/volume.hpp"
#include "platform/disk/overlay/block_difference.hpp"

namespace patchlab::disk {

struct VolumePair {
    Ext4Volume& before;
    Ext4Volume& after;
    BlockReader& base;            ///< the disk that `before` is on
    BlockReader& overlay;         ///< the disk that `after` is on
    ByteRange area;               ///< where the volume lies on both
    std::string mount_point;      ///< "" for the root filesystem, "/boot", …
    TextWanted* texts = nullptr;  ///< of which files the text is kept; null: of none
};

/// Called once for each change, in no particular order.
using ChangeSink = std::function<void(FileChange)>;

/// Both return how many inodes they looked at.
std::uint64_t compare_touched(const VolumePair& pair, const BlockDifference& difference,
                              const ChangeSink& sink);
std::uint64_t compare_everything(const VolumePair& pair, const ChangeSink& sink);

/// True unless type, permissions, owner, size, content or extended attributes differ. Times, block
/// layout and the number of links do not count: the other names of the file are reported
/// themselves.
bool same_file(const FileState& a, const FileState& b);

/// Makes valid UTF-8 of any bytes: those that are not become \xNN.
std::string printable_path(const std::string& raw);

}  // namespace patchlab::disk
