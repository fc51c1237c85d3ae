// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/ext4/compare.hpp"

#include <algorithm>

#include "platform/disk/ext4/tree.hpp"

namespace patchlab::disk {

namespace {

class TouchedComparison {
  public:
    TouchedComparison(const VolumePair& pair, const BlockDifference& difference,
                      const ChangeSink& sink)
        : pair_(pair), difference_(difference), sink_(sink) {}

    std::uint64_t run() {
        tree_.add_root(pair_.mount_point);
        for (std::size_t at = 0; at < tree_.size(); ++at) {
            if (tree_[at].directory) descend(at);
        }
        find_touched_contents();
        for (std::size_t at = 0; at < tree_.size(); ++at) report(at);
        return examined_;
    }

  private:
    bool block_touched(std::uint64_t block, std::uint64_t count) const {
        const std::uint64_t bytes = pair_.before.block_bytes();
        const std::uint64_t room = (pair_.area.last - pair_.area.first) / bytes;
        if (block >= room) return false;
        return difference_.touches(pair_.area.first + block * bytes,
                                   pair_.area.first + std::min(room, block + count) * bytes);
    }

    bool map_touched(const BlockMap& map) const {
        return std::any_of(
                   map.data.begin(), map.data.end(),
                   [&](const BlockRun& run) { return block_touched(run.physical, run.length); }) ||
               std::any_of(map.metadata.begin(), map.metadata.end(),
                           [&](std::uint64_t block) { return block_touched(block, 1); });
    }

    bool inode_touched(InodeNumber number) const {
        const std::uint64_t at = pair_.area.first + pair_.before.inode_offset(number);
        const std::uint32_t bytes = pair_.before.inode_bytes();
        if (!difference_.touches(at, at + bytes)) return false;
        return pair_.base.read_bytes(at, bytes) != pair_.overlay.read_bytes(at, bytes);
    }

    /// Adds what the directory holds on either side. One that nothing touched is read once for
    /// both.
    void descend(std::size_t at) {
        const Tree::Node node = tree_[at];
        if (node.before && node.before == node.after) {
            try {
                const Inode inode = pair_.before.inode(node.before);
                ++examined_;
                if (!inode_touched(node.before) && inode.type == 'd' &&
                    !map_touched(pair_.before.map(inode))) {
                    if (!tree_.enter(node.before, node.after))
                        return fail(at, "the directory is reached twice");
                    for (const DirectoryEntry& entry : pair_.before.entries(inode))
                        tree_.add(at, entry.name, entry.inode, entry.inode, entry.maybe_directory);
                    return;
                }
            } catch (const Unreadable&) {
                // the two sides are read apart below, which tells which of them is damaged
            }
        }
        try {
            examined_ += tree_.merge(at, pair_);
        } catch (const Unreadable& error) {
            fail(at, error.what());
        }
    }

    void fail(std::size_t at, const std::string& why) {
        tree_[at].failed = true;
        sink_({printable_path(tree_.path(at)), FileChangeKind::unreadable, std::nullopt,
               std::nullopt, why});
    }

    /// Marks the files whose inode is untouched but whose blocks are not: they were written behind
    /// the filesystem's back.
    void find_touched_contents() {
        std::vector<std::pair<InodeNumber, std::size_t>> unchanged;
        for (std::size_t at = 0; at < tree_.size(); ++at) {
            Tree::Node& node = tree_[at];
            if (node.before == 0 || node.before != node.after) {
                node.suspect = true;
                continue;
            }
            try {
                node.suspect = inode_touched(node.before);
            } catch (const Unreadable&) {
                node.suspect = true;
            }
            if (!node.suspect) unchanged.emplace_back(node.before, at);
        }
        std::sort(unchanged.begin(), unchanged.end());  // the order of the inode table
        for (std::size_t i = 0; i < unchanged.size(); ++i) {
            Tree::Node& node = tree_[unchanged[i].second];
            if (i > 0 && unchanged[i - 1].first == unchanged[i].first) {
                node.suspect = tree_[unchanged[i - 1].second].suspect;
                continue;
            }
            try {
                ++examined_;
                node.suspect = map_touched(pair_.before.map(pair_.before.inode(node.before)));
            } catch (const Unreadable&) {
                node.suspect = true;
            }
        }
    }

    void report(std::size_t at) {
        const Tree::Node& node = tree_[at];
        if (!node.suspect || node.failed) return;
        if (auto change = compare_file(pair_, node.before, node.after, &difference_)) {
            change->path = printable_path(tree_.path(at));
            keep_text(pair_, node.before, node.after, *change);
            sink_(std::move(*change));
        }
    }

    const VolumePair& pair_;
    const BlockDifference& difference_;
    const ChangeSink& sink_;
    Tree tree_;
    std::uint64_t examined_ = 0;
};

class FullComparison {
  public:
    FullComparison(const VolumePair& pair, const ChangeSink& sink) : pair_(pair), sink_(sink) {}

    std::uint64_t run() {
        tree_.add_root(pair_.mount_point);
        for (std::size_t at = 0; at < tree_.size(); ++at) {
            try {
                examined_ += tree_.merge(at, pair_);
                report(at);
            } catch (const Unreadable& error) {
                sink_({printable_path(tree_.path(at)), FileChangeKind::unreadable, std::nullopt,
                       std::nullopt, error.what()});
            }
        }
        return examined_;
    }

  private:
    void report(std::size_t at) {
        ++examined_;
        if (auto change = compare_file(pair_, tree_[at].before, tree_[at].after, nullptr)) {
            change->path = printable_path(tree_.path(at));
            keep_text(pair_, tree_[at].before, tree_[at].after, *change);
            sink_(std::move(*change));
        }
    }

    const VolumePair& pair_;
    const ChangeSink& sink_;
    Tree tree_;
    std::uint64_t examined_ = 0;
};

}  // namespace

std::uint64_t compare_touched(const VolumePair& pair, const BlockDifference& difference,
                              const ChangeSink& sink) {
    // a resized or remade filesystem keeps nothing in its place, so blocks tell nothing about files
    if (!pair.before.same_layout(pair.after)) return compare_everything(pair, sink);
    return TouchedComparison(pair, difference, sink).run();
}

std::uint64_t compare_everything(const VolumePair& pair, const ChangeSink& sink) {
    return FullComparison(pair, sink).run();
}

}  // namespace patchlab::disk
