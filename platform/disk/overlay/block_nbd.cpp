// SPDX-License-Identifier: Apache-2.0
#include <libnbd.h>

#include <algorithm>

#include "platform/core/error.hpp"
#include "platform/disk/overlay/block_server.hpp"

namespace patchlab::disk {

namespace {

constexpr const char* depth_context = "qemu:allocation-depth";
constexpr std::size_t largest_read = 16U << 20;
constexpr std::uint64_t largest_question = 2ULL << 30;
constexpr std::size_t most_extents = 4U << 20;

[[noreturn]] void fail(const std::string& what) {
    const char* why = nbd_get_error();
    throw Error(ErrorCode::lab, what + ": " + (why ? why : "unknown reason"));
}

struct Depths {
    std::uint64_t offset = 0;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> entries;  ///< (length, depth)
};

extern "C" int take_depths(void* data, const char* context, std::uint64_t, std::uint32_t* entries,
                           std::size_t count, int*) {
    auto& depths = *static_cast<Depths*>(data);
    if (std::string_view(context) != depth_context) return 0;
    for (std::size_t i = 0; i + 1 < count; i += 2)
        depths.entries.emplace_back(entries[i], entries[i + 1]);
    return 0;
}

}  // namespace

NbdReader::NbdReader(const std::filesystem::path& socket, const std::string& name)
    : handle_(nbd_create()) {
    if (!handle_) fail("cannot create an NBD handle");
    const bool ready = nbd_set_export_name(handle_, name.c_str()) == 0 &&
                       nbd_add_meta_context(handle_, depth_context) == 0 &&
                       nbd_connect_unix(handle_, socket.c_str()) == 0;
    const std::int64_t bytes = ready ? nbd_get_size(handle_) : -1;
    if (bytes < 0) {
        const std::string why = nbd_get_error() ? nbd_get_error() : "unknown reason";
        nbd_close(handle_);
        throw Error(ErrorCode::lab,
                    "qemu-storage-daemon does not serve the " + name + " image: " + why);
    }
    size_ = static_cast<std::uint64_t>(bytes);
}

NbdReader::~NbdReader() { nbd_close(handle_); }

void NbdReader::read(std::uint64_t offset, std::span<unsigned char> into) {
    while (!into.empty()) {
        const std::size_t count = std::min(into.size(), largest_read);
        if (nbd_pread(handle_, into.data(), count, offset, 0) != 0)
            fail("cannot read the image at byte " + std::to_string(offset));
        into = into.subspan(count);
        offset += count;
    }
}

std::vector<ByteRange> NbdReader::held_by_upper(unsigned layers) {
    if (nbd_can_meta_context(handle_, depth_context) != 1)
        throw Error(ErrorCode::lab, "qemu-storage-daemon does not tell what the overlay holds");
    std::vector<ByteRange> held;
    for (std::uint64_t offset = 0; offset < size_;) {
        Depths depths;
        const nbd_extent_callback callback{
            .callback = take_depths, .user_data = &depths, .free = nullptr};
        if (nbd_block_status(handle_, std::min(size_ - offset, largest_question), offset, callback,
                             0) != 0)
            fail("cannot ask what the overlay holds");
        const std::uint64_t before = offset;
        for (const auto& [length, depth] : depths.entries) {
            const std::uint64_t end = std::min(size_, offset + length);
            if (depth >= 1 && depth <= layers) {
                if (!held.empty() && held.back().last == offset) {
                    held.back().last = end;
                } else {
                    held.push_back({offset, end});
                }
            }
            offset = end;
        }
        if (offset == before)
            throw Error(ErrorCode::lab,
                        "qemu-storage-daemon gave an empty answer about the overlay");
        if (held.size() > most_extents)
            throw Error(ErrorCode::lab, "the overlay is too fragmented to compare");
    }
    return held;
}

}  // namespace patchlab::disk
