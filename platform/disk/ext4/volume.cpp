// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/ext4/volume.hpp"

#include <ext2fs/ext2fs.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/disk/ext4/inode.hpp"

namespace patchlab::disk {

namespace {

constexpr std::size_t most_entries = 4U << 20;  ///< of one directory
constexpr std::uint16_t deepest_extent_tree = 5;

struct EntrySink {
    std::vector<DirectoryEntry> entries;
    const char* wrong = nullptr;
};

/// Nothing may be thrown through C: what is wrong is kept for the caller.
extern "C" int take_entry(ext2_ino_t, int kind, ext2_dir_entry* entry, int, int, char*,
                          void* data) {
    auto& sink = *static_cast<EntrySink*>(data);
    if (kind != DIRENT_OTHER_FILE) return 0;
    const std::string_view name(entry->name,
                                static_cast<std::size_t>(ext2fs_dirent_name_len(entry)));
    if (name == "." || name == "..")
        return 0;  // a directory inside an inode says ".." like any other name
    if (name.empty() || name.find('/') != name.npos || name.find('\0') != name.npos)
        sink.wrong = "an entry of the directory has an impossible name";
    if (sink.entries.size() >= most_entries) sink.wrong = "the directory has too many entries";
    if (sink.wrong) return DIRENT_ABORT;
    const int type = ext2fs_dirent_file_type(entry);
    sink.entries.push_back({std::string(name), entry->inode,
                            type == EXT2_FT_DIR || type == EXT2_FT_UNKNOWN || type >= EXT2_FT_MAX});
    return 0;
}

struct MapSink {
    BlockMap map;
    std::uint64_t steps = 0;
    std::uint64_t most_steps = 0;
};

void add_block(BlockMap& map, std::uint64_t logical, std::uint64_t physical) {
    if (!map.data.empty()) {
        BlockRun& last = map.data.back();
        if (last.logical + last.length == logical && last.physical + last.length == physical) {
            ++last.length;
            return;
        }
    }
    map.data.push_back({logical, physical, 1, true});
}

extern "C" int take_block(ext2_filsys, blk64_t* block, e2_blkcnt_t logical, blk64_t, int,
                          void* data) {
    auto& sink = *static_cast<MapSink*>(data);
    if (++sink.steps > sink.most_steps) return BLOCK_ABORT;
    if (logical >= 0) {
        add_block(sink.map, static_cast<std::uint64_t>(logical), *block);
    } else {
        sink.map.metadata.push_back(*block);
    }
    return 0;
}

class ExtentWalk {
  public:
    ExtentWalk(ext2_filsys fs, const Inode& inode) : inode_(raw(inode)) {
        if (const errcode_t failed = ext2fs_extent_open2(
                fs, inode.number, reinterpret_cast<ext2_inode*>(&inode_), &handle_))
            unreadable("its extent tree", failed);
    }
    ~ExtentWalk() { ext2fs_extent_free(handle_); }
    ExtentWalk(const ExtentWalk&) = delete;
    ExtentWalk& operator=(const ExtentWalk&) = delete;
    /// False at the end.
    bool next(ext2fs_extent& extent) {
        const errcode_t failed =
            ext2fs_extent_get(handle_, started_ ? EXT2_EXTENT_NEXT : EXT2_EXTENT_ROOT, &extent);
        started_ = true;
        if (failed == EXT2_ET_EXTENT_NO_NEXT || failed == EXT2_ET_NO_CURRENT_NODE) return false;
        if (failed) unreadable("its extent tree", failed);
        return true;
    }

  private:
    ext2_inode_large inode_;  ///< the handle keeps pointing to it
    ext2_extent_handle_t handle_ = nullptr;
    bool started_ = false;
};

void map_extents(ext2_filsys fs, const Inode& inode, BlockMap& map) {
    const std::uint64_t blocks = ext2fs_blocks_count(fs->super);
    std::uint16_t depth = 0;
    std::memcpy(&depth, reinterpret_cast<const char*>(raw(inode).i_block) + 6, sizeof depth);
    if (ext2fs_le16_to_cpu(depth) > deepest_extent_tree)
        throw Unreadable("its extent tree is absurdly deep");
    ExtentWalk walk(fs, inode);
    ext2fs_extent extent{};
    std::uint64_t mapped = 0;
    for (std::uint64_t steps = 0; walk.next(extent); ++steps) {
        // a damaged tree can name the same node again and again; a sound one cannot have more nodes
        // than the volume has blocks
        if (steps > 2 * blocks + 64) throw Unreadable("its extent tree loops");
        if (extent.e_flags & EXT2_EXTENT_FLAGS_SECOND_VISIT) continue;
        if (!(extent.e_flags & EXT2_EXTENT_FLAGS_LEAF)) {
            map.metadata.push_back(extent.e_pblk);
            continue;
        }
        mapped += extent.e_len;
        if (extent.e_len == 0 || extent.e_pblk >= blocks || extent.e_len > blocks - extent.e_pblk ||
            mapped > blocks)
            throw Unreadable("an extent lies outside of the volume");
        if (!map.data.empty() && extent.e_lblk < map.data.back().logical + map.data.back().length)
            throw Unreadable("its extents overlap");
        map.data.push_back({extent.e_lblk, extent.e_pblk, extent.e_len,
                            !(extent.e_flags & EXT2_EXTENT_FLAGS_UNINIT)});
    }
}

}  // namespace

void unreadable(const char* what, long error) {
    throw Unreadable(std::string(what) + ": " + error_message(error));
}

Ext4Volume::Ext4Volume(BlockReader& disk, ByteRange area)
    : channel_(new Ext4Channel{disk, area, nullptr}) {
    initialize_ext2_error_table();
    const errcode_t failed =
        ext2fs_open2("image", nullptr, EXT2_FLAG_64BITS, 0, 0, channel_->manager(), &fs_);
    rethrow_disk_failure();
    if (failed)
        throw Error(ErrorCode::lab,
                    std::string("the ext4 filesystem cannot be opened: ") + error_message(failed));
    if (ext2fs_has_feature_journal_needs_recovery(fs_->super)) {
        ext2fs_free(fs_);
        throw Error(
            ErrorCode::lab,
            "the filesystem is not clean: its journal holds changes that are not in place yet",
            "freeze or unmount the filesystem before it is compared");
    }
}

Ext4Volume::~Ext4Volume() { ext2fs_free(fs_); }

std::uint32_t Ext4Volume::block_bytes() const { return fs_->blocksize; }
std::uint32_t Ext4Volume::inode_bytes() const {
    return static_cast<std::uint32_t>(EXT2_INODE_SIZE(fs_->super));
}

std::string Ext4Volume::uuid() const {
    char text[37];
    const unsigned char* u = fs_->super->s_uuid;
    std::snprintf(text, sizeof text,
                  "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0],
                  u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13],
                  u[14], u[15]);
    return text;
}

std::string Ext4Volume::label() const {
    const char* name = reinterpret_cast<const char*>(fs_->super->s_volume_name);
    return {name, ::strnlen(name, sizeof fs_->super->s_volume_name)};
}

std::string Ext4Volume::identity() const {
    const char* options = reinterpret_cast<const char*>(fs_->super->s_mount_opts);
    return uuid() + "\n" + label() + "\n" + std::to_string(fs_->super->s_default_mount_opts) +
           "\n" + std::to_string(fs_->super->s_errors) + "\n" +
           std::string(options, ::strnlen(options, sizeof fs_->super->s_mount_opts));
}

bool Ext4Volume::same_layout(const Ext4Volume& other) const {
    const auto& a = *fs_->super;
    const auto& b = *other.fs_->super;
    if (fs_->blocksize != other.fs_->blocksize || EXT2_INODE_SIZE(&a) != EXT2_INODE_SIZE(&b) ||
        a.s_inodes_per_group != b.s_inodes_per_group || a.s_inodes_count != b.s_inodes_count ||
        fs_->group_desc_count != other.fs_->group_desc_count ||
        std::memcmp(a.s_uuid, b.s_uuid, sizeof a.s_uuid) != 0 ||
        a.s_checksum_seed != b.s_checksum_seed || a.s_feature_incompat != b.s_feature_incompat)
        return false;
    for (dgrp_t group = 0; group < fs_->group_desc_count; ++group)
        if (ext2fs_inode_table_loc(fs_, group) != ext2fs_inode_table_loc(other.fs_, group))
            return false;
    return true;
}

std::uint64_t Ext4Volume::inode_offset(InodeNumber number) const {
    if (number == 0 || number > fs_->super->s_inodes_count)
        throw Unreadable("inode " + std::to_string(number) + " does not exist");
    const dgrp_t group = (number - 1) / fs_->super->s_inodes_per_group;
    const std::uint64_t index = (number - 1) % fs_->super->s_inodes_per_group;
    if (group >= fs_->group_desc_count)
        throw Unreadable("inode " + std::to_string(number) + " does not exist");
    return ext2fs_inode_table_loc(fs_, group) * fs_->blocksize + index * inode_bytes();
}

Inode Ext4Volume::inode(InodeNumber number) {
    static_cast<void>(inode_offset(number));
    Inode inode;
    inode.number = number;
    inode.bytes.resize(std::max<std::size_t>(inode_bytes(), sizeof(ext2_inode_large)));
    const errcode_t failed =
        ext2fs_read_inode_full(fs_, number, reinterpret_cast<ext2_inode*>(inode.bytes.data()),
                               static_cast<int>(inode_bytes()));
    rethrow_disk_failure();
    if (failed) unreadable("its inode", failed);
    const ext2_inode_large& parsed = raw(inode);
    if (parsed.i_links_count == 0) throw Unreadable("its inode is not in use");
    inode.type = type_letter(parsed.i_mode);
    if (inode.type == '?') throw Unreadable("its inode has an impossible type");
    return inode;
}

std::vector<DirectoryEntry> Ext4Volume::entries(const Inode& directory) {
    static_cast<void>(map(directory));  // refuses trees that would keep libext2fs busy for ever
    EntrySink sink;
    const errcode_t failed =
        ext2fs_dir_iterate2(fs_, directory.number, 0, nullptr, take_entry, &sink);
    rethrow_disk_failure();
    if (sink.wrong) throw Unreadable(sink.wrong);
    if (failed) unreadable("the directory", failed);
    std::sort(sink.entries.begin(), sink.entries.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    const auto twin =
        std::adjacent_find(sink.entries.begin(), sink.entries.end(),
                           [](const auto& a, const auto& b) { return a.name == b.name; });
    if (twin != sink.entries.end())
        throw Unreadable("two entries of the directory have the same name");
    return std::move(sink.entries);
}

BlockMap Ext4Volume::map(const Inode& inode) {
    const ext2_inode_large& parsed = raw(inode);
    MapSink sink;
    if (const std::uint64_t block =
            ext2fs_file_acl_block(fs_, reinterpret_cast<const ext2_inode*>(&parsed)))
        sink.map.metadata.push_back(block);
    const bool has_blocks = (inode.type == 'f' || inode.type == 'd' || inode.type == 'l') &&
                            !(parsed.i_flags & EXT4_INLINE_DATA_FL) && !is_short_link(inode);
    if (!has_blocks) return std::move(sink.map);
    if (parsed.i_flags & EXT4_EXTENTS_FL) {
        map_extents(fs_, inode, sink.map);
    } else {
        sink.most_steps = 2 * ext2fs_blocks_count(fs_->super) + 64;
        const errcode_t failed = ext2fs_block_iterate3(fs_, inode.number, BLOCK_FLAG_READ_ONLY,
                                                       nullptr, take_block, &sink);
        if (sink.steps > sink.most_steps) throw Unreadable("its block map loops");
        if (failed) unreadable("its block map", failed);
    }
    rethrow_disk_failure();
    return std::move(sink.map);
}

InodeNumber Ext4Volume::find(const std::string& path) {
    InodeNumber at = root_inode;
    for (std::size_t begin = 1; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string name = path.substr(begin, end - begin);
        const Inode folder = inode(at);
        if (folder.type != 'd') return 0;
        const auto all = entries(folder);
        const auto found = std::find_if(all.begin(), all.end(),
                                        [&](const auto& entry) { return entry.name == name; });
        if (found == all.end()) return 0;
        at = found->inode;
        begin = end + 1;
    }
    return at;
}

void Ext4Volume::rethrow_disk_failure() const {
    if (channel_->failure) std::rethrow_exception(channel_->failure);
}

}  // namespace patchlab::disk
