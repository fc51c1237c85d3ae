// SPDX-License-Identifier: Apache-2.0
//
// Ext4Channel: what libext2fs reads a volume through: an io_manager over a BlockReader, confined to
// one area of the disk. libext2fs owns the io_channel it opens; the Ext4Channel must outlive it.
// Thread safety: one thread at a time.
#pragma once

#include <exception>

#include "platform/disk/overlay/block_reader.hpp"

struct struct_io_manager;

namespace patchlab::disk {

struct Ext4Channel {
    BlockReader& disk;
    ByteRange area;
    std::exception_ptr
        failure;  ///< the first Error of the disk itself; exceptions cannot pass through C

    /// The manager for ext2fs_open2(); the channel it opens next reads through `*this`.
    struct_io_manager* manager();
};

}  // namespace patchlab::disk
