// SPDX-License-Identifier: Apache-2.0
//
// The part of Ext4Volume that reads attributes and contents.
#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/disk/ext4/inode.hpp"
#include "platform/disk/ext4/volume.hpp"

namespace patchlab::disk {

namespace {

constexpr std::size_t content_piece = 1U << 20;
/// A sparse file costs its writer nothing and its reader its whole length: beyond this (and beyond
/// four times its volume, but one GiB is always read) it is called unreadable.
constexpr std::uint64_t longest_file = 8ULL << 30;
constexpr std::uint64_t always_read = 1ULL << 30;

bool too_long(std::uint64_t length, std::uint64_t volume) {
    return length > longest_file || length > std::max(always_read, 4 * volume);
}
constexpr std::size_t longest_link = 4096;
constexpr std::size_t most_xattr_bytes = 1U << 20;

std::string hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

struct XattrSink {
    std::map<std::string, std::string> found;
    std::size_t bytes = 0;
};

extern "C" int take_xattr(char* name, char* value, size_t length, void* data) {
    auto& sink = *static_cast<XattrSink*>(data);
    sink.bytes += length + std::strlen(name);
    if (sink.bytes > most_xattr_bytes) return XATTR_ABORT;
    // "system.data" is where ext4 keeps the content of a small file, which is compared as content
    if (std::string_view(name) != "system.data") sink.found[name] = hex({value, length});
    return 0;
}

struct CloseXattrs {
    void operator()(ext2_xattr_handle* handle) const { ext2fs_xattrs_close(&handle); }
};

std::map<std::string, std::string> xattrs_of(ext2_filsys fs, InodeNumber number) {
    ext2_xattr_handle* opened = nullptr;
    if (const errcode_t failed = ext2fs_xattrs_open(fs, number, &opened))
        unreadable("its extended attributes", failed);
    const std::unique_ptr<ext2_xattr_handle, CloseXattrs> handle(opened);
    if (const errcode_t failed = ext2fs_xattrs_read(handle.get()))
        unreadable("its extended attributes", failed);
    XattrSink sink;
    ext2fs_xattrs_iterate(handle.get(), take_xattr, &sink);
    if (sink.bytes > most_xattr_bytes) throw Unreadable("its extended attributes are too long");
    return std::move(sink.found);
}

/// The digest of a content and, on the way, that of its beginning where somebody wants it.
class ContentHash {
  public:
    explicit ContentHash(Beginning* beginning) : beginning_(beginning) { look(); }

    void update(std::string_view bytes) {
        if (beginning_ && done_ < beginning_->bytes) {
            const std::size_t first =
                std::min<std::uint64_t>(bytes.size(), beginning_->bytes - done_);
            add(bytes.substr(0, first));
            look();
            bytes.remove_prefix(first);
        }
        add(bytes);
    }

    void zeros(std::uint64_t count) {
        static const std::string piece(content_piece, '\0');
        for (; count > 0; count -= std::min<std::uint64_t>(count, piece.size()))
            update(std::string_view(piece).substr(0, std::min<std::uint64_t>(count, piece.size())));
    }

    std::string finish() { return hash_.finish(); }

  private:
    void add(std::string_view bytes) {
        hash_.update(bytes);
        done_ += bytes.size();
    }
    void look() {
        if (beginning_ && done_ == beginning_->bytes) beginning_->sha256 = hash_.finish();
    }

    Sha256 hash_;
    Beginning* beginning_;
    std::uint64_t done_ = 0;
};

std::string inline_bytes(ext2_filsys fs, const Inode& inode) {
    size_t length = 0;
    if (const errcode_t failed = ext2fs_inline_data_size(fs, inode.number, &length))
        unreadable("its inline content", failed);
    std::string bytes(std::max<std::size_t>(length, EXT4_MIN_INLINE_DATA_SIZE), '\0');
    ext2_inode_large copy = raw(inode);
    if (const errcode_t failed = ext2fs_inline_data_get(
            fs, inode.number, reinterpret_cast<ext2_inode*>(&copy), bytes.data(), &length))
        unreadable("its inline content", failed);
    bytes.resize(std::min(bytes.size(), length));
    return bytes;
}

std::string device_number(const ext2_inode_large& inode) {
    // as the kernel: the old 16-bit form in the first word, else the new one in the second
    const std::uint32_t first = inode.i_block[0];
    const std::uint32_t second = inode.i_block[1];
    const std::uint32_t major = first ? (first >> 8) & 0xff : (second >> 8) & 0xfff;
    const std::uint32_t minor = first ? first & 0xff : (second & 0xff) | ((second >> 12) & 0xfff00);
    return std::to_string(major) + ":" + std::to_string(minor);
}

/// Reads through ext2fs_file_*, which find each block anew.
class LibraryFile {
  public:
    LibraryFile(ext2_filsys fs, InodeNumber number) {
        if (const errcode_t failed = ext2fs_file_open(fs, number, 0, &file_))
            unreadable("its content", failed);
    }
    ~LibraryFile() { ext2fs_file_close(file_); }
    LibraryFile(const LibraryFile&) = delete;
    LibraryFile& operator=(const LibraryFile&) = delete;
    std::size_t read(std::vector<char>& into) {
        unsigned got = 0;
        if (const errcode_t failed =
                ext2fs_file_read(file_, into.data(), static_cast<unsigned>(into.size()), &got))
            unreadable("its content", failed);
        return got;
    }

  private:
    ext2_file_t file_ = nullptr;
};

void read_by_library(ext2_filsys fs, const Inode& inode,
                     const std::function<void(std::string_view)>& take) {
    LibraryFile file(fs, inode.number);
    std::vector<char> piece(64U << 10);
    std::uint64_t left =
        EXT2_I_SIZE(&raw(inode));  // of a file inside its inode, libext2fs reads all room there is
    while (left > 0) {
        const std::size_t got = std::min<std::uint64_t>(left, file.read(piece));
        if (got == 0) throw Unreadable("its content is cut off");
        take({piece.data(), got});
        left -= got;
    }
}

std::string flags_of(const ext2_inode_large& inode) {
    const bool immutable = (inode.i_flags & EXT2_IMMUTABLE_FL) != 0;
    const bool append_only = (inode.i_flags & EXT2_APPEND_FL) != 0;
    return std::string(immutable ? "immutable" : "") + (immutable && append_only ? "," : "") +
           (append_only ? "append-only" : "");
}

}  // namespace

FileState Ext4Volume::attributes(const Inode& inode) {
    const ext2_inode_large& parsed = raw(inode);
    FileState state;
    state.type = inode.type;
    state.mode = parsed.i_mode & 07777U;
    state.uid = static_cast<std::uint32_t>(inode_uid(parsed));
    state.gid = static_cast<std::uint32_t>(inode_gid(parsed));
    // how many blocks and subdirectories a directory has follows from its entries, which are
    // reported themselves
    if (inode.type == 'f' || inode.type == 'l') state.size = EXT2_I_SIZE(&parsed);
    if (inode.type != 'd') state.links = parsed.i_links_count;
    state.mtime = static_cast<std::int32_t>(parsed.i_mtime);
    if (inode_bytes() > EXT2_GOOD_OLD_INODE_SIZE && parsed.i_extra_isize >= 16)
        state.mtime += static_cast<std::int64_t>(parsed.i_mtime_extra & 3) << 32;
    state.xattrs = xattrs_of(fs_, inode.number);
    state.flags = flags_of(parsed);
    rethrow_disk_failure();
    return state;
}

std::string Ext4Volume::link_target(const Inode& inode) {
    const ext2_inode_large& parsed = raw(inode);
    const std::uint64_t length = EXT2_I_SIZE(&parsed);
    if (length == 0 || length > longest_link) throw Unreadable("the link has an impossible length");
    std::string target;
    if (is_short_link(inode)) {
        const char* text = reinterpret_cast<const char*>(parsed.i_block);
        target.assign(text, ::strnlen(text, sizeof parsed.i_block));
    } else if (parsed.i_flags & EXT4_INLINE_DATA_FL) {
        target = inline_bytes(fs_, inode);
    } else {
        const BlockMap found = map(inode);
        if (found.data.empty() || found.data.front().logical != 0 || length > block_bytes())
            throw Unreadable("the link has no target");
        target.resize(block_bytes());
        if (const errcode_t failed =
                io_channel_read_blk64(fs_->io, found.data.front().physical, 1, target.data()))
            unreadable("the link's target", failed);
    }
    if (target.size() < length) throw Unreadable("the link's target is cut off");
    target.resize(static_cast<std::size_t>(length));
    return target;
}

std::string Ext4Volume::content(const Inode& inode, const BlockMap& map, Beginning* beginning) {
    const ext2_inode_large& parsed = raw(inode);
    if (inode.type == 'l') return link_target(inode);
    if (inode.type == 'c' || inode.type == 'b') return device_number(parsed);
    if (inode.type != 'f') return {};
    const std::uint64_t length = EXT2_I_SIZE(&parsed);
    if (parsed.i_flags & EXT4_INLINE_DATA_FL) {
        const std::string bytes = inline_bytes(fs_, inode);
        if (length > bytes.size()) throw Unreadable("its content is cut off");
        ContentHash hash(beginning);
        hash.update(std::string_view(bytes).substr(0, static_cast<std::size_t>(length)));
        return hash.finish();
    }
    if (too_long(length, channel_->area.last - channel_->area.first))
        throw Unreadable("the file is too long to be read");
    const std::uint64_t block = block_bytes();
    ContentHash hash(beginning);
    std::uint64_t done = 0;
    std::vector<unsigned char> piece;
    for (const BlockRun& run : map.data) {
        if (run.logical * block >= length) break;
        hash.zeros(run.logical * block - done);
        done = run.logical * block;
        const std::uint64_t end = std::min(length, done + run.length * block);
        if (!run.written) hash.zeros(end - done);
        for (std::uint64_t at = run.physical * block; run.written && done < end;) {
            piece.resize(
                static_cast<std::size_t>(std::min<std::uint64_t>(content_piece, end - done)));
            if (at + piece.size() > channel_->area.last - channel_->area.first)
                throw Unreadable("its content lies outside of the volume");
            channel_->disk.read(channel_->area.first + at, piece);
            hash.update({reinterpret_cast<const char*>(piece.data()), piece.size()});
            at += piece.size();
            done += piece.size();
        }
        done = end;
    }
    hash.zeros(length - done);
    return hash.finish();
}

std::string Ext4Volume::content_by_library(const Inode& inode, Beginning* beginning) {
    if (inode.type != 'f') return content(inode, {}, nullptr);
    if (too_long(EXT2_I_SIZE(&raw(inode)), channel_->area.last - channel_->area.first))
        throw Unreadable("the file is too long to be read");
    static_cast<void>(map(inode));  // refuses trees that would keep libext2fs busy for ever
    ContentHash hash(beginning);
    read_by_library(fs_, inode, [&](std::string_view piece) { hash.update(piece); });
    rethrow_disk_failure();
    return hash.finish();
}

std::string Ext4Volume::bytes_of(const Inode& inode, std::size_t most) {
    if (inode.type != 'f' || EXT2_I_SIZE(&raw(inode)) > most)
        throw Unreadable("not a regular file, or too long");
    static_cast<void>(map(inode));
    std::string bytes;
    read_by_library(fs_, inode, [&](std::string_view piece) { bytes += piece; });
    rethrow_disk_failure();
    return bytes;
}

}  // namespace patchlab::disk
