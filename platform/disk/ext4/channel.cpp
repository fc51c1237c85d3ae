// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/ext4/channel.hpp"

#include <ext2fs/ext2fs.h>

#include <cstring>

namespace patchlab::disk {

namespace {

thread_local Ext4Channel* opening = nullptr;
char channel_name[] = "image";

constexpr int largest_block = 64 << 10;

errcode_t open_channel(const char*, int, io_channel* channel) {
    if (!opening) return EXT2_ET_BAD_DEVICE_NAME;
    auto* created = new struct_io_channel{};
    created->magic = EXT2_ET_MAGIC_IO_CHANNEL;
    created->name = channel_name;
    created->block_size = 1024;
    created->refcount = 1;
    created->private_data = opening;
    created->manager = opening->manager();
    *channel = created;
    return 0;
}

errcode_t close_channel(io_channel channel) {
    if (--channel->refcount == 0) delete channel;
    return 0;
}

errcode_t set_block_size(io_channel channel, int bytes) {
    if (bytes < 1 || bytes > largest_block) return EXT2_ET_INVALID_ARGUMENT;
    channel->block_size = bytes;
    return 0;
}

/// libext2fs: a negative count is a number of bytes.
errcode_t read_blocks(io_channel channel, unsigned long long block, int count, void* data) {
    auto& self = *static_cast<Ext4Channel*>(channel->private_data);
    const auto block_size = static_cast<std::uint64_t>(channel->block_size);
    const std::uint64_t bytes = count < 0
                                    ? static_cast<std::uint64_t>(-static_cast<std::int64_t>(count))
                                    : static_cast<std::uint64_t>(count) * block_size;
    const std::uint64_t room = self.area.last - self.area.first;
    if (block > room / block_size || bytes > room - block * block_size) return EXT2_ET_SHORT_READ;
    try {
        self.disk.read(self.area.first + block * block_size,
                       {static_cast<unsigned char*>(data), static_cast<std::size_t>(bytes)});
        return 0;
    } catch (...) {
        if (!self.failure) self.failure = std::current_exception();
        return EXT2_ET_SHORT_READ;
    }
}

errcode_t read_blocks_32(io_channel channel, unsigned long block, int count, void* data) {
    return read_blocks(channel, block, count, data);
}
errcode_t refuse_write_64(io_channel, unsigned long long, int, const void*) {
    return EXT2_ET_RO_FILSYS;
}
errcode_t refuse_write(io_channel, unsigned long, int, const void*) { return EXT2_ET_RO_FILSYS; }
errcode_t nothing_to_flush(io_channel) { return 0; }

}  // namespace

struct_io_manager* Ext4Channel::manager() {
    static struct_io_manager reading = [] {
        struct_io_manager made{};
        made.magic = EXT2_ET_MAGIC_IO_MANAGER;
        made.name = "patchlab block reader";
        made.open = open_channel;
        made.close = close_channel;
        made.set_blksize = set_block_size;
        made.read_blk = read_blocks_32;
        made.read_blk64 = read_blocks;
        made.write_blk = refuse_write;
        made.write_blk64 = refuse_write_64;
        made.flush = nothing_to_flush;
        return made;
    }();
    opening = this;
    return &reading;
}

}  // namespace patchlab::disk
