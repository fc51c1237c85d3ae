// SPDX-License-Identifier: Apache-2.0
//
// Ext4Volume: one ext2/3/4 filesystem read through a BlockReader with libext2fs; never mounted,
// never written. The filesystem is the guest's and may be damaged or hostile: every walk is
// bounded, what cannot be read throws Unreadable. Ownership: keeps a reference to the reader, which
// must live longer. Thread safety: one thread at a time.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "platform/disk/ext4/channel.hpp"
#include "platform/disk/overlay/changes.hpp"

struct struct_ext2_filsys;

namespace patchlab::disk {

using InodeNumber = std::uint32_t;
constexpr InodeNumber root_inode = 2;

/// One file (not the filesystem) cannot be read; the text says why.
struct Unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// An inode in use, as libext2fs gives it (host byte order, checksum verified).
struct Inode {
    InodeNumber number = 0;
    char type = '?';  ///< as FileState::type
    std::vector<unsigned char> bytes;
};

/// `length` blocks of a file. Blocks not named by any run are holes.
struct BlockRun {
    std::uint64_t logical = 0;
    std::uint64_t physical = 0;
    std::uint64_t length = 0;
    bool written = true;  ///< false: allocated, but reads as zeros
    bool operator==(const BlockRun&) const = default;
};

struct BlockMap {
    std::vector<BlockRun> data;           ///< sorted by `logical`
    std::vector<std::uint64_t> metadata;  ///< blocks of the map itself and of extended attributes
};

/// How a regular file begins: what to read of it, and its digest when it is that long.
struct Beginning {
    std::uint64_t bytes = 0;
    std::string sha256;  ///< empty when the file is shorter
};

struct DirectoryEntry {
    std::string name;  ///< the raw bytes
    InodeNumber inode = 0;
    bool maybe_directory = true;  ///< false: the entry says that it is something else
};

class Ext4Volume {
  public:
    /// Error(lab) when there is no filesystem libext2fs can read, or when its journal still holds
    /// changes.
    Ext4Volume(BlockReader& disk, ByteRange area);
    ~Ext4Volume();
    Ext4Volume(const Ext4Volume&) = delete;
    Ext4Volume& operator=(const Ext4Volume&) = delete;

    std::uint32_t block_bytes() const;
    /// The volume's label, UUID and mount options: what tune2fs changes without touching a file.
    std::string identity() const;
    std::string uuid() const;
    std::string label() const;
    /// True when both volumes keep the same inode at the same place, so that unchanged blocks mean
    /// unchanged inodes.
    bool same_layout(const Ext4Volume& other) const;
    /// Byte offset of an inode within the volume. Unreadable for a number that does not exist.
    std::uint64_t inode_offset(InodeNumber number) const;
    std::uint32_t inode_bytes() const;

    /// Unreadable when it is damaged or not in use.
    Inode inode(InodeNumber number);
    /// Without "." and "..", sorted by name.
    std::vector<DirectoryEntry> entries(const Inode& directory);
    BlockMap map(const Inode& inode);
    /// Everything but the content.
    FileState attributes(const Inode& inode);
    /// FileState::content, with large reads along `map`. `beginning`, where given, is filled on the
    /// way.
    std::string content(const Inode& inode, const BlockMap& map, Beginning* beginning);
    /// The same by libext2fs' own file reading: slower, independent of map().
    std::string content_by_library(const Inode& inode, Beginning* beginning);
    /// A regular file's bytes. Unreadable when longer than `most`.
    std::string bytes_of(const Inode& inode, std::size_t most);
    /// The inode of an absolute path; symlinks are not followed. 0 when it does not exist.
    InodeNumber find(const std::string& path);

    /// Throws the Error of the disk, if reading it ever failed: then "unreadable" was not the
    /// guest's fault.
    void rethrow_disk_failure() const;

  private:
    std::string link_target(const Inode& inode);

    std::unique_ptr<Ext4Channel> channel_;
    struct_ext2_filsys* fs_ = nullptr;
};

}  // namespace patchlab::disk
