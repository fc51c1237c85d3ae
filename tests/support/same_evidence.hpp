// SPDX-License-Identifier: Apache-2.0
//
// The evidence of one run compared with that of another.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::tests {

inline Json without_members(Json document, const std::set<std::string>& leave_out) {
    if (document.is_object()) {
        for (const std::string& key : leave_out) document.erase(key);
        for (auto& [key, value] : document.items()) value = without_members(value, leave_out);
    } else if (document.is_array()) {
        for (Json& value : document) value = without_members(value, leave_out);
    }
    return document;
}

/// The document without what depends on when, where and how fast a run was worked, and without the
/// members `more`.
inline Json without_time_and_place(Json document, const std::set<std::string>& more = {}) {
    std::set<std::string> leave_out{"started",        "finished",      "seconds",
                                    "cost",           "start",         "time",
                                    "boot_id_before", "boot_id_after", "requested"};
    leave_out.insert(more.begin(), more.end());
    return without_members(std::move(document), leave_out);
}

/// Their paths, relative to the folder.
inline std::set<std::string> files_below(const fs::path& folder) {
    std::set<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files.insert(fs::relative(entry.path(), folder).string());
    return files;
}

}  // namespace patchlab::tests
