// SPDX-License-Identifier: Apache-2.0
//
// What of a state folder goes into a backup. Free functions; thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace patchlab::backup {

struct Contents {
    std::vector<std::string>
        settled;  ///< never changes once it is there: evidence, catalog, patches
    std::vector<std::string> changing;  ///< small, and rewritten now and then
    std::vector<std::string> keys;      ///< files of secret and public keys
};

/// Paths below `state`, sorted. Without what can be made again (disks of images, prepared labs),
/// what belongs to running processes (work of runs, locks) and the database.
Contents contents_of(const std::filesystem::path& state);

}  // namespace patchlab::backup
