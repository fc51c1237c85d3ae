// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/overlay/block_difference.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "platform/core/error.hpp"
#include "platform/disk/overlay/block_reader.hpp"

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

namespace {

constexpr std::size_t longest_chain = 64;
constexpr std::uint32_t format_extension = 0xE2792ACA;

std::uint64_t big_endian(std::span<const unsigned char> bytes, std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[at + i];
    return value;
}

/// QEMU writes into an overlay what a guest makes it write; a guest that took QEMU over may write a
/// header. It must not make us open another file of this host (an external data file), nor use what
/// this program does not know.
void require_known_features(const std::filesystem::path& image, std::uint64_t features) {
    constexpr std::uint64_t dirty = 1, corrupt = 2, data_file = 4, compression = 8, long_l2 = 16;
    if ((features & data_file) != 0)
        throw Error(ErrorCode::lab,
                    image.string() + " names an external data file, which no overlay of ours has");
    if ((features & ~(dirty | corrupt | compression | long_l2)) != 0)
        throw Error(ErrorCode::lab, image.string() + " has features of qcow2 that are not known");
}

/// The backing file named by a qcow2 header (docs/interop/qcow2.txt of QEMU), or nullopt when it
/// has none.
std::optional<ChainLink> backing_of(const std::filesystem::path& image) {
    FileReader file(image);
    const auto bytes =
        file.read_bytes(0, static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), 65536)));
    if (bytes.size() < 104 || big_endian(bytes, 0, 4) != 0x514649FB)
        throw Error(ErrorCode::lab, image.string() + " is not a qcow2 image");
    const std::uint64_t version = big_endian(bytes, 4, 4);
    if (version >= 3) require_known_features(image, big_endian(bytes, 72, 8));
    const std::uint64_t offset = big_endian(bytes, 8, 8);
    const std::uint64_t length = big_endian(bytes, 16, 4);
    if (offset == 0) return std::nullopt;
    if (length == 0 || length > 1023 || offset > bytes.size() - length)
        throw Error(ErrorCode::lab, image.string() + " has a damaged qcow2 header");
    ChainLink link;
    link.file = std::string(bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                            bytes.begin() + static_cast<std::ptrdiff_t>(offset + length));
    if (link.file.is_relative()) link.file = image.parent_path() / link.file;
    std::uint64_t at = version >= 3 ? big_endian(bytes, 100, 4) : 72;
    while (at + 8 <= bytes.size()) {
        const std::uint64_t type = big_endian(bytes, at, 4);
        const std::uint64_t size = big_endian(bytes, at + 4, 4);
        if (type == 0 || size > bytes.size() - at - 8) break;
        if (type == format_extension)
            link.format.assign(bytes.begin() + static_cast<std::ptrdiff_t>(at + 8),
                               bytes.begin() + static_cast<std::ptrdiff_t>(at + 8 + size));
        at += 8 + (size + 7) / 8 * 8;
    }
    return link;
}

}  // namespace

std::vector<ChainLink> chain_between(const std::filesystem::path& overlay,
                                     const std::filesystem::path& base) {
    std::error_code failed;
    const auto target = std::filesystem::canonical(base, failed);
    if (failed)
        throw Error(ErrorCode::lab, "cannot open " + base.string() + ": " + failed.message());
    std::vector<ChainLink> chain{{std::filesystem::absolute(overlay), "qcow2"}};
    while (chain.size() < longest_chain) {
        if (chain.back().format != "qcow2") break;
        const auto below = backing_of(chain.back().file);
        if (!below) break;
        if (below->format != "qcow2" && below->format != "raw")
            throw Error(
                ErrorCode::lab,
                chain.back().file.string() + " does not record a usable format of its backing file",
                "create overlays with qemu-img create -F");
        chain.push_back(*below);
        if (std::filesystem::equivalent(below->file, target, failed) && !failed) return chain;
    }
    throw Error(ErrorCode::lab,
                "the backing chain of " + overlay.string() + " does not lead to " + base.string());
}

}  // namespace patchlab::disk
