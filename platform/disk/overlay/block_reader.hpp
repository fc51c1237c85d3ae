// SPDX-License-Identifier: Apache-2.0
//
// Reading the contents of a disk by byte offset: the one thing the comparison needs of an image,
// whatever its format. Ownership: a reader that wraps another keeps a reference; the wrapped one
// must live longer. Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "platform/core/files.hpp"

namespace patchlab::disk {

/// Bytes [first, last) of a disk.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool operator==(const ByteRange&) const = default;
};

class BlockReader {
  public:
    virtual ~BlockReader() = default;
    virtual std::uint64_t size() const = 0;
    /// Fills `into` from `offset`; Error(lab) when any byte cannot be read or lies beyond the end.
    virtual void read(std::uint64_t offset, std::span<unsigned char> into) = 0;

    std::vector<unsigned char> read_bytes(std::uint64_t offset, std::size_t count);
};

/// A raw image in a file.
class FileReader final : public BlockReader {
  public:
    explicit FileReader(const std::filesystem::path& path);
    std::uint64_t size() const override { return size_; }
    void read(std::uint64_t offset, std::span<unsigned char> into) override;

  private:
    UniqueFd fd_;
    std::uint64_t size_ = 0;
};

/// Keeps the most recently used chunks of another reader: metadata is read in small pieces that lie
/// close together. Reads of more than a chunk go straight through.
class CachedReader final : public BlockReader {
  public:
    static constexpr std::size_t chunk_bytes = 32U << 10;
    CachedReader(BlockReader& source, std::size_t chunks) : source_(source), capacity_(chunks) {}
    std::uint64_t size() const override { return source_.size(); }
    void read(std::uint64_t offset, std::span<unsigned char> into) override;

  private:
    using Chunk = std::pair<std::uint64_t, std::vector<unsigned char>>;
    const std::vector<unsigned char>& chunk(std::uint64_t number);
    BlockReader& source_;
    std::size_t capacity_;
    std::list<Chunk> recent_;  ///< the most recently used first
    std::unordered_map<std::uint64_t, std::list<Chunk>::iterator> index_;
};

/// The disk as seen through an overlay: what the overlay does not hold is read from the base (and
/// shares its cache).
class OverlaidReader final : public BlockReader {
  public:
    /// `held`: what the overlay holds, sorted, disjoint.
    OverlaidReader(BlockReader& base, BlockReader& overlay, const std::vector<ByteRange>& held)
        : base_(base), overlay_(overlay), held_(held) {}
    std::uint64_t size() const override { return overlay_.size(); }
    void read(std::uint64_t offset, std::span<unsigned char> into) override;

  private:
    BlockReader& base_;
    BlockReader& overlay_;
    const std::vector<ByteRange>& held_;
};

}  // namespace patchlab::disk
