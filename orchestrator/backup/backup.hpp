// SPDX-License-Identifier: Apache-2.0
//
// A state folder in one file, and back: the database as SQLite itself copies it, the evidence, the
// catalog, patches, definitions, and the secret keys, locked with a passphrase. The manifest lists
// every other file with its digest, and the keys are locked together with the manifest: who lacks
// the passphrase can alter nothing that restore() would not notice. Not in it: what can be made
// again (disks of images, prepared labs, the work of runs under way). docs/formats/backup.md.
// Thread safety: one a thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/process/command.hpp"
#include "platform/store/database.hpp"

namespace patchlab::backup {

struct Summary {
    std::string created;
    std::string digest;  ///< sha256 of the manifest
    std::size_t files = 0;
    std::uint64_t bytes = 0;  ///< of the files, before they are packed
};

struct Problem {
    std::string file;
    std::string what;  ///< "changed", "missing", "not in the manifest"
};

struct Verification {
    Summary summary;
    bool keys_opened = false;  ///< a passphrase was given, and fits
    std::vector<Problem> problems;
    bool ok() const { return problems.empty(); }
};

struct Source {
    std::filesystem::path state;
    store::Database& database;
    const Clock& clock;
    process::CommandRunner& commands;
};

/// Writes `file` (0600), whole or not at all, and verifies it before it gets its name.
/// Error(conflict) when it exists.
Summary create(const Source& source, const std::filesystem::path& file,
               const std::string& passphrase);

/// Reads the whole file; needs as much room beside it as it holds. Error(invalid) when it is no
/// backup at all.
Verification verify(process::CommandRunner& commands, const std::filesystem::path& file,
                    const std::optional<std::string>& passphrase);

/// Puts the backup where nothing is yet. Error(conflict) when `state` holds something;
/// Error(refused) when the backup is not intact or the passphrase does not fit: then there is
/// nothing afterwards, either.
Summary restore(process::CommandRunner& commands, const std::filesystem::path& file,
                const std::filesystem::path& state, const std::string& passphrase);

}  // namespace patchlab::backup
