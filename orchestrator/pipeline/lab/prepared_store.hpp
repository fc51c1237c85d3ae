// SPDX-License-Identifier: Apache-2.0
//
// The prepared labs on disk, as a user sees them: snapshots that cost space and can be made again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/store/database.hpp"

namespace patchlab::pipeline {

struct PreparedSnapshot {
    std::string digest;
    std::string lab;
    std::string checkpoint;   ///< mapped or saved
    std::uint64_t bytes = 0;  ///< on disk
    bool current = false;     ///< of a lab as it is defined today
    bool in_use = false;      ///< a run that is not over may use it
};

std::vector<PreparedSnapshot> list_snapshots(const std::filesystem::path& state,
                                             store::Database& database);
/// Removes those that are neither current nor in use; gives them.
std::vector<PreparedSnapshot> prune_snapshots(const std::filesystem::path& state,
                                              store::Database& database);

}  // namespace patchlab::pipeline
