// SPDX-License-Identifier: Apache-2.0
#include "platform/store/migrate.hpp"

#include <map>
#include <utility>

#include "platform/core/clock.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::store {

namespace {

using Applied = std::map<std::pair<std::string, std::int64_t>, std::string>;

std::string title(std::string_view module, std::int64_t version) {
    return "migration " + std::string(module) + "/" + std::to_string(version);
}

/// Versions of a module must count from 1 without gaps, in the order given. Gives the newest of
/// each.
std::map<std::string, int> check_sequence(const std::vector<Migration>& migrations) {
    std::map<std::string, int> newest;
    for (const Migration& migration : migrations)
        if (migration.version != ++newest[std::string(migration.module)])
            throw Error(ErrorCode::internal,
                        title(migration.module, migration.version) + " is out of sequence");
    return newest;
}

Applied read_applied(Database& database) {
    Applied applied;
    if (!database.query_one("SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = "
                            "'schema_migrations'"))
        return applied;
    for (const Row& row : database.query("SELECT module, version, sha256 FROM schema_migrations"))
        applied[{row.text("module"), row.integer("version")}] = row.text("sha256");
    return applied;
}

/// Refuses a database of a newer program, and a program whose landed migrations were edited. Gives
/// those not applied yet.
std::vector<Migration> pending(const Applied& applied, const std::vector<Migration>& migrations) {
    const std::map<std::string, int> newest = check_sequence(migrations);
    for (const auto& [key, digest] : applied) {
        const auto known = newest.find(key.first);
        if (known != newest.end() && key.second > known->second)
            throw Error(ErrorCode::lab,
                        "it was written by a newer patchlab (" + title(key.first, key.second) + ")",
                        "use that version of patchlab, or another --state-dir");
    }
    std::vector<Migration> missing;
    for (const Migration& migration : migrations) {
        const auto done = applied.find({std::string(migration.module), migration.version});
        if (done == applied.end()) missing.push_back(migration);
        else if (done->second != sha256_hex(migration.sql))
            throw Error(ErrorCode::internal, title(migration.module, migration.version) +
                                                 " was altered after it had landed");
    }
    return missing;
}

}  // namespace

void migrate(Database& database, const std::vector<Migration>& migrations) {
    if (pending(read_applied(database), migrations).empty()) return;
    database.transaction([&] {
        database.execute_script(
            "CREATE TABLE IF NOT EXISTS schema_migrations (module TEXT NOT NULL, version INTEGER "
            "NOT NULL, sha256 TEXT NOT NULL, "
            "applied TEXT NOT NULL, PRIMARY KEY (module, version)) WITHOUT ROWID");
        // asked again: another process may have been faster while we waited for the transaction
        for (const Migration& migration : pending(read_applied(database), migrations)) {
            during(title(migration.module, migration.version), [&] {
                database.execute_script(migration.sql);
                database.execute(
                    "INSERT INTO schema_migrations (module, version, sha256, applied) VALUES (?, "
                    "?, ?, ?)",
                    {std::string(migration.module), std::int64_t{migration.version},
                     sha256_hex(migration.sql), to_rfc3339(SystemClock().now())});
            });
        }
    });
}

}  // namespace patchlab::store
