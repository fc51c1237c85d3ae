// SPDX-License-Identifier: Apache-2.0
//
// What the files said that a run changed, for `diff --content`. Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "platform/core/json_fwd.hpp"

namespace patchlab::operations {

/// Adds to each change of `items` (as run.json lists them) what the evidence keeps of its files:
/// `contents`, each with a unified diff, or with why there is none. With a path, only the changes
/// of that file are left: Error(not_found) where the evidence does not name it. False when the
/// evidence keeps no contents at all.
bool add_contents(Json& items, const std::filesystem::path& evidence, const std::string& path);

}  // namespace patchlab::operations
