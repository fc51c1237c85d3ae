// SPDX-License-Identifier: Apache-2.0
//
// One path of two states of a volume, compared.
#include <algorithm>

#include "platform/core/text.hpp"
#include "platform/disk/ext4/tree.hpp"

namespace patchlab::disk {

namespace {

/// The same blocks on both sides, and none of them touched.
bool same_blocks(const VolumePair& pair, const BlockMap& before, const BlockMap& after,
                 const BlockDifference& difference) {
    if (before.data != after.data) return false;
    const std::uint64_t bytes = pair.before.block_bytes();
    return std::none_of(before.data.begin(), before.data.end(), [&](const BlockRun& run) {
        return difference.touches(pair.area.first + run.physical * bytes,
                                  pair.area.first + (run.physical + run.length) * bytes);
    });
}

FileState whole_state(Ext4Volume& volume, InodeNumber number, bool guided, const char* side,
                      Beginning* beginning) {
    try {
        const Inode inode = volume.inode(number);
        FileState state = volume.attributes(inode);
        state.content = guided ? volume.content(inode, volume.map(inode), beginning)
                               : volume.content_by_library(inode, beginning);
        return state;
    } catch (const Unreadable& error) {
        throw Unreadable(std::string(side) + ": " + error.what());
    }
}

/// With blocks to go by: a file of equal size in equal, untouched blocks is read once, or not at
/// all when nothing else differs either.
bool settled_by_blocks(const VolumePair& pair, InodeNumber number,
                       const BlockDifference& difference, FileState& before, FileState& after) try {
    const Inode old_inode = pair.before.inode(number);
    const Inode new_inode = pair.after.inode(number);
    if (old_inode.type != 'f' || new_inode.type != 'f') return false;
    before = pair.before.attributes(old_inode);
    after = pair.after.attributes(new_inode);
    const BlockMap old_map = pair.before.map(old_inode);
    // no blocks at all: the content may be in the inode itself
    if (old_map.data.empty() || before.size != after.size ||
        !same_blocks(pair, old_map, pair.after.map(new_inode), difference))
        return false;
    if (!same_file(before, after))
        before.content = after.content = pair.before.content(old_inode, old_map, nullptr);
    return true;
} catch (const Unreadable&) {
    return false;  // the sides are read apart then, which tells which of them is damaged
}

}  // namespace

bool same_file(const FileState& a, const FileState& b) {
    return a.type == b.type && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid &&
           a.size == b.size && a.content == b.content && a.xattrs == b.xattrs && a.flags == b.flags;
}

std::optional<FileChange> compare_file(const VolumePair& pair, InodeNumber before,
                                       InodeNumber after, const BlockDifference* difference) {
    FileChange change;
    try {
        FileState old_state;
        FileState new_state;
        const bool settled = difference && before == after &&
                             settled_by_blocks(pair, before, *difference, old_state, new_state);
        if (!settled && before)
            old_state = whole_state(pair.before, before, difference, "before", nullptr);
        Beginning beginning{old_state.size, ""};
        if (!settled && after)
            new_state = whole_state(pair.after, after, difference, "after",
                                    old_state.type == 'f' ? &beginning : nullptr);
        if (before && after && same_file(old_state, new_state)) return std::nullopt;
        change.rewritten = old_state.type == 'f' && new_state.type == 'f' &&
                           old_state.content != new_state.content &&
                           beginning.sha256 != old_state.content;
        if (before) change.before = std::move(old_state);
        if (after) change.after = std::move(new_state);
        change.kind = kind_of(before, after);
    } catch (const Unreadable& error) {
        change.kind = FileChangeKind::unreadable;
        change.note = error.what();
    }
    return change;
}

void keep_text(const VolumePair& pair, InodeNumber before, InodeNumber after, FileChange& change) {
    if (!pair.texts || !pair.texts->wants(change)) return;
    const auto text_of = [&](Ext4Volume& volume, InodeNumber number,
                             const std::optional<FileState>& state) -> std::optional<std::string> {
        if (!TextWanted::fits(state)) return std::nullopt;
        try {
            return pair.texts->take(volume.bytes_of(volume.inode(number), TextWanted::longest));
        } catch (const Unreadable&) {
            return std::nullopt;  // its digest was read by another way, and that is what counts
        }
    };
    change.text_before = text_of(pair.before, before, change.before);
    change.text_after = text_of(pair.after, after, change.after);
}

std::string printable_path(const std::string& raw) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < raw.size();) {
        const auto character = character_at(raw, i);
        if (character) {
            text.append(raw, i, character->bytes);
            i += character->bytes;
        } else {
            const auto byte = static_cast<unsigned char>(raw[i]);
            text.append({'\\', 'x', digits[byte >> 4], digits[byte & 15]});
            ++i;
        }
    }
    return text;
}

}  // namespace patchlab::disk
