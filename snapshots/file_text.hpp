// SPDX-License-Identifier: Apache-2.0
//
// Files in words: how the state of a file is written in a change, which part of it has a meaning
// beyond its content, and of which class of change a path is. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/disk/overlay/changes.hpp"
#include "snapshots/capture.hpp"

namespace patchlab::snapshots {

/// "file mode=0644 owner=0:0 size=12 sha256=…", "directory mode=0755 owner=0:0", "symlink owner=0:0
/// -> target".
std::string describe(const disk::FileState& state);
/// A description without size and digest: type, mode, owner, extended attributes, link target.
std::string_view meaning(std::string_view description);
bool is_regular_file(std::string_view description);
/// The bytes of a regular file; nullopt for anything else.
std::optional<std::uint64_t> size_in(std::string_view description);
/// The digest in the description of a regular file; empty for anything else.
std::string_view sha256_in(std::string_view description);
/// A regular file that somebody may execute.
bool is_executable(std::string_view description);
bool is_owned_by_root(std::string_view description);
/// A regular file or directory (without the sticky bit) that everybody may write.
bool is_world_writable(std::string_view description);
/// Immutable or append-only: the next update, or the way back, fails on it.
bool is_locked(std::string_view description);

/// The class of a changed file by its place: /etc/cron.d/x is `cron`. Setuid bits and capabilities
/// are seen by the caller.
ChangeClass class_of_path(std::string_view path);

/// Debian's merged /usr: /lib/x and /usr/lib/x are one file. The form under /usr.
std::string merged_usr(std::string_view path);

/// fnmatch(3) without special slashes: "*" crosses folders.
bool matches(std::string_view glob, std::string_view path);

std::string_view file_name(std::string_view path);
std::string_view folder_of(std::string_view path);

}  // namespace patchlab::snapshots
