// SPDX-License-Identifier: Apache-2.0
//
// Tree: the names of both states of a volume, merged: one node for each path that exists on either
// side. A node costs about 40 bytes and its name. Thread safety: one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "platform/disk/ext4/compare.hpp"

namespace patchlab::disk {

class Tree {
  public:
    struct Node {
        std::uint32_t parent = 0;
        InodeNumber before = 0;  ///< 0: no such path on this side
        InodeNumber after = 0;
        std::uint32_t name_offset = 0;
        std::uint16_t name_bytes = 0;
        bool directory = false;  ///< perhaps, on either side
        bool suspect = false;    ///< must be compared
        bool failed = false;     ///< reported as unreadable already
    };

    /// `mount_point` is the path of the root: "" or "/boot".
    void add_root(const std::string& mount_point);
    void add(std::size_t parent, std::string_view name, InodeNumber before, InodeNumber after,
             bool directory);
    std::size_t size() const { return nodes_.size(); }
    Node& operator[](std::size_t at) { return nodes_[at]; }
    const Node& operator[](std::size_t at) const { return nodes_[at]; }
    std::string path(std::size_t at) const;

    /// Notes that a directory's entries are read now; false when one of them was read before (0
    /// means: not on this side). A directory has one name; one that is reached twice belongs to a
    /// damaged tree, which may be endless.
    bool enter(InodeNumber before, InodeNumber after);
    /// Reads the entries of node `at` on both sides and adds them, each name once. Returns how many
    /// inodes were read. Unreadable.
    std::uint64_t merge(std::size_t at, const VolumePair& pair);

  private:
    std::string mount_point_;
    std::vector<Node> nodes_;
    std::string names_;
    std::unordered_set<InodeNumber> entered_before_;
    std::unordered_set<InodeNumber> entered_after_;
};

/// Compares one path. With `difference`, equal blocks that nothing touched count as equal content
/// without being read. nullopt: the same. The path is left empty.
std::optional<FileChange> compare_file(const VolumePair& pair, InodeNumber before,
                                       InodeNumber after, const BlockDifference* difference);

/// Adds the text of both sides where the pair wants it and the content differs. The path must be
/// set.
void keep_text(const VolumePair& pair, InodeNumber before, InodeNumber after, FileChange& change);

}  // namespace patchlab::disk
