// SPDX-License-Identifier: Apache-2.0
//
// BlockDifference: where the contents of a base and of its overlay really differ, sector by sector.
// An overlay holds whole clusters of 64 KiB, of which a write changed perhaps one sector;
// everything else follows from this map. Immutable; thread-safe. And the chain of disks below an
// overlay that it is read along.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/disk/overlay/block_reader.hpp"

namespace patchlab::disk {

class BlockDifference {
  public:
    static constexpr std::size_t granularity = 512;

    /// Compares both disks wherever `held` says that the overlay has something of its own. What
    /// lies beyond the end of the base differs.
    BlockDifference(BlockReader& base, BlockReader& overlay, const std::vector<ByteRange>& held);
    /// True when any byte of [first, last) may differ.
    bool touches(std::uint64_t first, std::uint64_t last) const;
    /// Sorted, disjoint, not adjacent.
    const std::vector<ByteRange>& ranges() const { return ranges_; }

  private:
    void add(std::uint64_t first, std::uint64_t last);
    std::vector<ByteRange> ranges_;
};

// The backing chain of a qcow2, read from the headers of the files themselves. Values; thread-safe.

/// One image of a backing chain. A format is never guessed from contents, which the guest may have
/// written.
struct ChainLink {
    std::filesystem::path file;
    std::string format;  ///< "qcow2" or "raw"
};

/// The chain from `overlay` (first) down to `base` (last). Error(lab) when it does not lead there,
/// or a format is not recorded.
std::vector<ChainLink> chain_between(const std::filesystem::path& overlay,
                                     const std::filesystem::path& base);

}  // namespace patchlab::disk
