// SPDX-License-Identifier: Apache-2.0
//
// The areas of a disk: what the MBR or GPT declares as partitions, and what lies outside of them
// (boot sector, boot loader gap). The tables are the guest's: every number is checked against the
// disk and every list is bounded. Values; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "platform/disk/overlay/block_reader.hpp"

namespace patchlab::disk {

enum class Contents { ext4, fat, swap, other, empty, raw };

struct Area {
    ByteRange range;
    /// Partition number (1, 2, …; 5 and up for logical ones), 0 for a disk that is one filesystem,
    /// -1 for space outside of any partition.
    int number = -1;
    std::string name;      ///< "<boot sector>", "<boot loader gap>", "<partition 2>", …
    std::string partuuid;  ///< as /etc/fstab writes it, lower case; may be empty
    Contents contents = Contents::raw;
    bool operator==(const Area&) const = default;
};

/// All areas, sorted, which together cover the whole disk. Error(lab) when the table contradicts
/// itself or the disk.
std::vector<Area> areas_of(BlockReader& disk);

}  // namespace patchlab::disk
