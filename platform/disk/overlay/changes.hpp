// SPDX-License-Identifier: Apache-2.0
//
// What changed on a disk between a base image and an overlay on it, file by file and by content,
// reading only what the overlay holds. For ext4 the overlay's allocated extents lead to the inodes
// and directories they touch (libext2fs, in an unprivileged child process); other filesystems go
// through libguestfs. Equal size and mtime are never taken for equal content. Both images must hold
// clean filesystems (frozen or unmounted) and nobody may be writing them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json_fwd.hpp"

namespace patchlab::disk {

/// One file as it stands on one side. `content` is the sha256 of a regular file, the target of a
/// symlink, "major:minor" of a device, empty for others.
struct FileState {
    char type = '?';         ///< f file, d directory, l symlink, c/b device, p fifo, s socket
    std::uint32_t mode = 0;  ///< permission bits with setuid/setgid/sticky
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint64_t size = 0;  ///< bytes
    std::int64_t mtime = 0;  ///< seconds since 1970
    std::string content;
    std::map<std::string, std::string>
        xattrs;  ///< name → value as hex ("security.capability" among them)
    std::uint32_t links = 1;
    std::string flags;  ///< "immutable", "append-only" or both with a comma: what chattr sets and
                        ///< even root must respect (ext4 only)
};

enum class FileChangeKind { added, removed, changed, unreadable };
/// Of a file that is there before, after, or both.
constexpr FileChangeKind kind_of(bool before, bool after) {
    if (!before) return FileChangeKind::added;
    return after ? FileChangeKind::changed : FileChangeKind::removed;
}

struct FileChange {
    std::string path;  ///< absolute in the guest; bytes that are not UTF-8 are written as \xNN
    FileChangeKind kind = FileChangeKind::changed;
    std::optional<FileState> before;
    std::optional<FileState> after;
    std::string note;        ///< for unreadable: why
    bool rewritten = false;  ///< a regular file with another content that does not begin with all
                             ///< that it held before
    /// The text of a small regular file, where it was asked for (OverlayQuery::keep) and differs.
    /// No part of documents: it may hold secrets.
    std::optional<std::string> text_before{}, text_after{};
};

/// Of which files the text is wanted, and how much of it. A pattern is a path, in which one "*"
/// stands for any bytes: "/etc/*", "/usr/lib/*.conf".
struct TextWanted {
    static constexpr std::size_t longest = 64U << 10;  ///< bytes of one file
    static constexpr std::size_t most = 8U << 20;      ///< bytes of all
    std::vector<std::string> patterns{};
    std::size_t left = most;

    bool covers(std::string_view path) const;
    /// Whether the file is covered, and its content differs.
    bool wants(const FileChange& change) const;
    /// Whether there may be a text to take: a regular file, and not too long.
    static bool fits(const std::optional<FileState>& state);
    /// Takes the bytes when they are text (UTF-8 without a zero byte) and there is room for them.
    std::optional<std::string> take(std::string bytes);
};

struct OverlayComparison {
    std::vector<FileChange>
        changes;  ///< sorted by path; a file whose timestamps alone differ is not listed
    std::uint64_t overlay_bytes = 0;  ///< what the overlay holds
    std::uint64_t inodes_examined = 0;
    std::string method;  ///< "ext4-extents", "ext4-walk" or "libguestfs"
    double seconds = 0;
};

struct OverlayQuery {
    std::filesystem::path base;     ///< the image (itself perhaps an overlay) as it was before
    std::filesystem::path overlay;  ///< a qcow2 whose backing chain leads to `base`
    std::string acceleration =
        "tcg";  ///< "kvm" or "tcg", for libguestfs' appliance where one is needed
    std::vector<std::string> keep{};  ///< TextWanted::patterns
};

/// Error(lab) when the images cannot be read or the filesystem is not clean.
OverlayComparison compare_overlay(const OverlayQuery& query);
/// The plain full walk of both sides: the slow truth that the fast one is tested against.
OverlayComparison compare_by_walk(const OverlayQuery& query);

/// The comparison starts the program itself again, as the unprivileged process that reads the
/// guest's filesystems. Every program that compares calls this first in main(), and returns the
/// value when there is one.
std::optional<int> run_if_compare_child(int argc, char** argv);

Json to_json(const FileChange& change);
FileChange file_change_from_json(const Json& json);

}  // namespace patchlab::disk
