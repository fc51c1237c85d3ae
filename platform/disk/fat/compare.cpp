// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/fat/compare.hpp"

#include <algorithm>

namespace patchlab::disk {

namespace {

/// As Linux shows it without mount options.
constexpr std::uint32_t shown_mode = 0755;

FileState state_of(const FatFile& file) {
    FileState state;
    state.type = file.directory ? 'd' : 'f';
    state.mode = shown_mode;
    state.size = file.size;
    state.mtime = file.mtime;
    return state;
}

class FatComparison {
  public:
    FatComparison(const FatPair& pair, const ChangeSink& sink) : pair_(pair), sink_(sink) {}

    std::uint64_t run() {
        const auto before = pair_.before.files();
        const auto after = pair_.after.files();
        for (const auto& [path, file] : before) {
            const auto twin = after.find(path);
            report(path, &file, twin == after.end() ? nullptr : &twin->second);
        }
        for (const auto& [path, file] : after)
            if (!before.contains(path)) report(path, nullptr, &file);
        return before.size() + after.size();
    }

  private:
    bool is_untouched(const FatFile& before, const FatFile& after) const {
        if (before.directory != after.directory || before.size != after.size) return false;
        if (before.directory || before.size == 0) return true;
        if (!pair_.difference) return false;
        const auto places = pair_.before.places(before);
        return places == pair_.after.places(after) &&
               std::none_of(places.begin(), places.end(), [&](const ByteRange& range) {
                   return pair_.difference->touches(range.first, range.last);
               });
    }

    void report(const std::string& path, const FatFile* before, const FatFile* after) {
        FileChange change;
        change.path = printable_path(pair_.mount_point + path);
        try {
            if (before && after && is_untouched(*before, *after)) return;
            if (!read(before, after, change)) return;
            keep_text(before, after, change);
        } catch (const Unreadable& error) {
            change = {std::move(change.path), FileChangeKind::unreadable, std::nullopt,
                      std::nullopt, error.what()};
        }
        sink_(std::move(change));
    }

    /// False when both are the same.
    bool read(const FatFile* before, const FatFile* after, FileChange& change) {
        if (before) change.before = state_of(*before);
        if (before && !before->directory)
            change.before->content = pair_.before.content(*before, nullptr);
        Beginning beginning{before ? before->size : 0U, ""};
        if (after) change.after = state_of(*after);
        if (after && !after->directory)
            change.after->content = pair_.after.content(*after, &beginning);
        change.kind = kind_of(before != nullptr, after != nullptr);
        if (!before || !after) return true;
        const bool files = !before->directory && !after->directory;
        change.rewritten = files && change.before->content != change.after->content &&
                           beginning.sha256 != change.before->content;
        return !same_file(*change.before, *change.after);
    }

    void keep_text(const FatFile* before, const FatFile* after, FileChange& change) {
        if (!pair_.texts || !pair_.texts->wants(change)) return;
        if (before && TextWanted::fits(change.before))
            change.text_before = pair_.texts->take(pair_.before.bytes_of(*before));
        if (after && TextWanted::fits(change.after))
            change.text_after = pair_.texts->take(pair_.after.bytes_of(*after));
    }

    const FatPair& pair_;
    const ChangeSink& sink_;
};

}  // namespace

std::uint64_t compare_fat(const FatPair& pair, const ChangeSink& sink) {
    return FatComparison(pair, sink).run();
}

}  // namespace patchlab::disk
