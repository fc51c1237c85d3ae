// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/ext4/tree.hpp"

#include <algorithm>

#include "platform/core/error.hpp"

namespace patchlab::disk {

namespace {
/// 16 million paths, about one GB; the child's memory limit comes first.
constexpr std::size_t most_nodes = 16U << 20;
constexpr std::size_t deepest_path = 4096;

/// The entries of one side, or none when the path does not exist there or is no directory.
std::vector<DirectoryEntry> entries_of(Ext4Volume& volume, InodeNumber number, const char* side,
                                       bool& is_directory) {
    is_directory = false;
    if (number == 0) return {};
    try {
        const Inode inode = volume.inode(number);
        is_directory = inode.type == 'd';
        return is_directory ? volume.entries(inode) : std::vector<DirectoryEntry>{};
    } catch (const Unreadable& error) {
        throw Unreadable(std::string(side) + ": " + error.what());
    }
}
}  // namespace

void Tree::add_root(const std::string& mount_point) {
    mount_point_ = mount_point;
    Node root;
    root.before = root.after = root_inode;
    root.directory = true;
    nodes_.push_back(root);
}

void Tree::add(std::size_t parent, std::string_view name, InodeNumber before, InodeNumber after,
               bool directory) {
    if (nodes_.size() >= most_nodes || names_.size() > UINT32_MAX - name.size())
        throw Error(ErrorCode::lab, "the filesystem has too many files to compare");
    Node node;
    node.parent = static_cast<std::uint32_t>(parent);
    node.before = before;
    node.after = after;
    node.name_offset = static_cast<std::uint32_t>(names_.size());
    node.name_bytes = static_cast<std::uint16_t>(name.size());
    node.directory = directory;
    names_ += name;
    nodes_.push_back(node);
}

std::string Tree::path(std::size_t at) const {
    std::vector<std::string_view> parts;
    for (; at != 0 && parts.size() < deepest_path; at = nodes_[at].parent)
        parts.push_back(
            std::string_view(names_).substr(nodes_[at].name_offset, nodes_[at].name_bytes));
    std::string text = mount_point_;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) text.append("/").append(*part);
    return text.empty() ? "/" : text;
}

bool Tree::enter(InodeNumber before, InodeNumber after) {
    const bool first_before = before == 0 || entered_before_.insert(before).second;
    const bool first_after = after == 0 || entered_after_.insert(after).second;
    return first_before && first_after;
}

std::uint64_t Tree::merge(std::size_t at, const VolumePair& pair) {
    const Node node = nodes_[at];
    bool directory_before = false;
    bool directory_after = false;
    const auto before = entries_of(pair.before, node.before, "before", directory_before);
    const auto after = entries_of(pair.after, node.after, "after", directory_after);
    if (!enter(directory_before ? node.before : 0, directory_after ? node.after : 0))
        throw Unreadable("the directory is reached twice");
    // here an entry's word for what it names is not taken: who wrote this directory may have lied
    auto b = before.begin();
    auto a = after.begin();
    while (b != before.end() || a != after.end()) {
        int order = 0;
        if (b == before.end()) order = 1;
        else if (a == after.end()) order = -1;
        else order = b->name.compare(a->name);
        if (order < 0) {
            add(at, b->name, b->inode, 0, true);
            ++b;
        } else if (order > 0) {
            add(at, a->name, 0, a->inode, true);
            ++a;
        } else {
            add(at, b->name, b->inode, a->inode, true);
            ++b;
            ++a;
        }
    }
    return 2;
}

}  // namespace patchlab::disk
