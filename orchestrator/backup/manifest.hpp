// SPDX-License-Identifier: Apache-2.0
//
// What a backup holds: every file with its size, mode and sha256 (docs/formats/backup.md). Values;
// thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/core/json_fwd.hpp"

namespace patchlab::backup {

inline constexpr const char* manifest_file = "backup.json";
inline constexpr const char* keys_file = "backup-keys.locked";
inline constexpr const char* keys_schema = "patchlab/backup-keys/v1";
inline constexpr const char* database_file = "patchlab.db";

struct Item {
    enum class Kind { file, folder, link };
    std::string path;  ///< below the state folder, with '/'
    Kind kind = Kind::file;
    unsigned mode = 0;       ///< permissions; of a link none
    std::uint64_t size = 0;  ///< of a file
    std::string sha256;      ///< of a file
    std::string target;      ///< of a link: relative, and below the state
};

struct Manifest {
    std::string created;      ///< RFC 3339
    std::string patchlab;     ///< version of the program
    std::vector<Item> items;  ///< sorted by path

    std::uint64_t bytes() const;
};

Json to_json(const Manifest& manifest);
/// Error(invalid) for anything that a backup would not hold: a path or a link that leads outside, a
/// name twice, odd permissions.
Manifest manifest_from_json(const Json& json);

/// What lies at `root / path` now.
Item item_at(const std::filesystem::path& root, const std::string& path);
/// Everything below `folder`, sorted; special files are Error(invalid).
std::vector<Item> items_below(const std::filesystem::path& folder);

}  // namespace patchlab::backup
