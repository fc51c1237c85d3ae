// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/overlay/block_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"

namespace patchlab::disk {

namespace {
void check_inside(std::uint64_t offset, std::uint64_t count, std::uint64_t size) {
    if (count > size || offset > size - count)
        throw Error(ErrorCode::lab,
                    "byte " + std::to_string(offset) + " lies beyond the end of the disk");
}
}  // namespace

std::vector<unsigned char> BlockReader::read_bytes(std::uint64_t offset, std::size_t count) {
    std::vector<unsigned char> bytes(count);
    read(offset, bytes);
    return bytes;
}

FileReader::FileReader(const std::filesystem::path& path)
    : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (!fd_ || ::fstat(fd_.get(), &status) != 0)
        throw Error(ErrorCode::lab, "cannot open " + path.string() + ": " + std::strerror(errno));
    size_ = static_cast<std::uint64_t>(status.st_size);
}

void FileReader::read(std::uint64_t offset, std::span<unsigned char> into) {
    check_inside(offset, into.size(), size_);
    while (!into.empty()) {
        const ssize_t got =
            ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            throw Error(ErrorCode::lab, "cannot read the image at byte " + std::to_string(offset));
        into = into.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
}

const std::vector<unsigned char>& CachedReader::chunk(std::uint64_t number) {
    if (const auto found = index_.find(number); found != index_.end()) {
        recent_.splice(recent_.begin(), recent_, found->second);
        return recent_.front().second;
    }
    const std::uint64_t offset = number * chunk_bytes;
    std::vector<unsigned char> bytes;
    if (recent_.size() >= capacity_) {
        index_.erase(recent_.back().first);
        bytes = std::move(recent_.back().second);
        recent_.pop_back();
    }
    bytes.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(chunk_bytes, source_.size() - offset)));
    source_.read(offset, bytes);
    recent_.emplace_front(number, std::move(bytes));
    index_[number] = recent_.begin();
    return recent_.front().second;
}

void CachedReader::read(std::uint64_t offset, std::span<unsigned char> into) {
    check_inside(offset, into.size(), size());
    if (into.size() > chunk_bytes) return source_.read(offset, into);
    while (!into.empty()) {
        const std::vector<unsigned char>& bytes = chunk(offset / chunk_bytes);
        const std::size_t inside = static_cast<std::size_t>(offset % chunk_bytes);
        const std::size_t count = std::min(into.size(), bytes.size() - inside);
        std::memcpy(into.data(), bytes.data() + inside, count);
        into = into.subspan(count);
        offset += count;
    }
}

void OverlaidReader::read(std::uint64_t offset, std::span<unsigned char> into) {
    check_inside(offset, into.size(), size());
    while (!into.empty()) {
        const auto next = std::upper_bound(
            held_.begin(), held_.end(), offset,
            [](std::uint64_t at, const ByteRange& range) { return at < range.last; });
        const bool inside = next != held_.end() && next->first <= offset;
        const std::uint64_t until =
            next == held_.end() ? size() : (inside ? next->last : next->first);
        const std::size_t count =
            static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), until - offset));
        // a disk that grew has nothing below its new end: only the overlay can tell what is there
        const bool below = !inside && offset + count <= base_.size();
        (below ? base_ : overlay_).read(offset, into.first(count));
        into = into.subspan(count);
        offset += count;
    }
}

}  // namespace patchlab::disk
