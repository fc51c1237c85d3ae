// SPDX-License-Identifier: Apache-2.0
//
// Work for which somebody must believe to be root, without being it: scripts of packages that are
// installed into a folder. It happens in a user namespace, whose ids 0 to 65535 are unused ones of
// the host; what escapes from there is nobody. What it leaves is then given to the ids it was meant
// to have. Thread safety: the calling process must be single-threaded (it forks without exec).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>

namespace patchlab::process {

/// So many ids of the host, from this one on. The default is the last of the ranges that systemd
/// sets aside for containers; no account has an id there.
struct OwnIds {
    uid_t first = 28'671U * 65'536U;
    uid_t count = 65'536U;
};

/// Runs `body` in a child process that is root of a user namespace of its own, with mounts of its
/// own, and dies with its parent. An Error that it throws is thrown here. Needs root.
/// Error(lab) where the host allows no such namespace, or something killed the child.
void run_with_own_ids(const OwnIds& ids, const std::function<void()>& body);

/// Gives every file below `folder` (and it) from the range to the ids that it had in the namespace;
/// modes and file capabilities stay. Follows no link. Nothing may write there meanwhile. Needs
/// root. Error(lab) that names the file.
void give_to_meant_ids(const std::filesystem::path& folder, const OwnIds& ids);

}  // namespace patchlab::process
