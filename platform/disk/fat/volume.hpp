// SPDX-License-Identifier: Apache-2.0
//
// FatVolume: one FAT12, FAT16 or FAT32 filesystem read through a BlockReader, as Linux reads it;
// never mounted, never written. Every machine that starts by UEFI has one, which it marks as in use
// each time that it starts, so each comparison meets it. The filesystem is the guest's: every walk
// is bounded. Ownership: keeps a reference to the reader, which must live longer. Thread safety:
// one thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/disk/ext4/volume.hpp"

namespace patchlab::disk {

struct FatFile {
    bool directory = false;
    std::uint32_t first_cluster = 0;
    std::uint32_t size = 0;
    std::int64_t mtime = 0;
};

class FatVolume {
  public:
    /// True when what begins there says that it is such a filesystem.
    static bool begins(BlockReader& disk, ByteRange area);

    /// Unreadable when the sizes that it states make no sense.
    FatVolume(BlockReader& disk, ByteRange area);

    /// "1234-ABCD", as /etc/fstab has it.
    std::string uuid() const;
    std::string label() const;
    /// The first sector without its mark of being in use: sizes, serial number, label, boot code.
    std::string identity() const;

    /// Every file and folder by its path ("/EFI/BOOT"). Unreadable when a folder is damaged.
    std::map<std::string, FatFile> files();
    /// Where a regular file's content lies on the disk, in order. Unreadable when a chain is cut.
    std::vector<ByteRange> places(const FatFile& file) const;
    /// The sha256 of a regular file; `beginning`, where given, is filled on the way.
    std::string content(const FatFile& file, Beginning* beginning);
    /// A regular file's bytes.
    std::string bytes_of(const FatFile& file);

  private:
    struct Folder {
        std::string path;
        std::uint32_t cluster = 0;  ///< 0: the root of FAT12 and FAT16, which lies by itself
    };
    using Bytes = std::vector<unsigned char>;

    std::uint32_t next(std::uint32_t cluster) const;
    std::vector<std::uint32_t> chain(std::uint32_t first, std::size_t most) const;
    std::uint64_t place_of(std::uint32_t cluster) const;
    Bytes folder_bytes(const Folder& folder);
    void add_entries(const Folder& folder, std::map<std::string, FatFile>& files,
                     std::vector<Folder>& folders);

    BlockReader& disk_;
    ByteRange area_;
    Bytes boot_;
    Bytes table_;
    unsigned bits_ = 0;
    std::uint64_t cluster_bytes_ = 0;
    std::uint64_t root_at_ = 0, root_bytes_ = 0, data_at_ = 0;
    std::uint32_t clusters_ = 0, root_cluster_ = 0;
    std::uint64_t read_ = 0;  ///< bytes of contents
};

}  // namespace patchlab::disk
