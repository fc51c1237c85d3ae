// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/overlay/block_difference.hpp"

#include <algorithm>
#include <cstring>

#include "platform/core/error.hpp"

namespace patchlab::disk {

namespace {
constexpr std::size_t piece_bytes = 1U << 20;
/// 16 bytes each; an overlay beyond this has rewritten its disk at random and is no patch.
constexpr std::size_t most_ranges = 1U << 20;
}  // namespace

BlockDifference::BlockDifference(BlockReader& base, BlockReader& overlay,
                                 const std::vector<ByteRange>& held) {
    std::vector<unsigned char> before(piece_bytes);
    std::vector<unsigned char> after(piece_bytes);
    for (const ByteRange& range : held) {
        for (std::uint64_t at = range.first; at < range.last;) {
            if (at >= base.size()) {
                add(at, range.last);
                break;
            }
            const std::size_t count = static_cast<std::size_t>(
                std::min<std::uint64_t>(piece_bytes, std::min(range.last, base.size()) - at));
            base.read(at, std::span(before).first(count));
            overlay.read(at, std::span(after).first(count));
            for (std::size_t i = 0; i < count; i += granularity) {
                const std::size_t sector = std::min(granularity, count - i);
                if (std::memcmp(before.data() + i, after.data() + i, sector) != 0)
                    add(at + i, at + i + sector);
            }
            at += count;
        }
    }
}

void BlockDifference::add(std::uint64_t first, std::uint64_t last) {
    if (!ranges_.empty() && ranges_.back().last == first) {
        ranges_.back().last = last;
        return;
    }
    if (ranges_.size() >= most_ranges)
        throw Error(ErrorCode::lab, "the overlay changed too many scattered places to compare");
    ranges_.push_back({first, last});
}

bool BlockDifference::touches(std::uint64_t first, std::uint64_t last) const {
    const auto next =
        std::upper_bound(ranges_.begin(), ranges_.end(), first,
                         [](std::uint64_t at, const ByteRange& range) { return at < range.last; });
    return next != ranges_.end() && next->first < last;
}

}  // namespace patchlab::disk
