// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/entry_store.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "platform/core/dated_id.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::catalog {

namespace {

constexpr std::string_view first_migration = R"sql(
CREATE TABLE catalog_entries (
    id      TEXT PRIMARY KEY,
    run     TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    state   TEXT NOT NULL CHECK (state IN ('offered', 'superseded', 'withdrawn', 'quarantined')),
    reason  TEXT NOT NULL DEFAULT '',
    changed TEXT NOT NULL
);
CREATE TABLE catalog_channel_entries (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    channel  TEXT NOT NULL,
    entry    TEXT NOT NULL REFERENCES catalog_entries(id),
    added    TEXT NOT NULL,
    UNIQUE (channel, entry)
);
)sql";

constexpr std::string_view second_migration = R"sql(
CREATE TABLE catalog_snapshots (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    channel  TEXT NOT NULL,
    id       TEXT NOT NULL,
    created  TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('building', 'published', 'abandoned')),
    digest   TEXT NOT NULL DEFAULT '',
    UNIQUE (channel, id)
) STRICT;
)sql";

// One more state of an entry. SQLite changes no constraint of a table that is there, so both tables
// are made anew, the one that refers to the other first.
constexpr std::string_view third_migration = R"sql(
CREATE TABLE catalog_entries_3 (
    id      TEXT PRIMARY KEY,
    run     TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    state   TEXT NOT NULL CHECK (state IN ('offered', 'superseded', 'withdrawn', 'quarantined',
                                           'recalled')),
    reason  TEXT NOT NULL DEFAULT '',
    changed TEXT NOT NULL
);
INSERT INTO catalog_entries_3 SELECT id, run, created, state, reason, changed FROM catalog_entries;
CREATE TABLE catalog_channel_entries_3 (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    channel  TEXT NOT NULL,
    entry    TEXT NOT NULL REFERENCES catalog_entries_3(id),
    added    TEXT NOT NULL,
    UNIQUE (channel, entry)
);
INSERT INTO catalog_channel_entries_3 SELECT sequence, channel, entry, added
    FROM catalog_channel_entries;
DROP TABLE catalog_channel_entries;
DROP TABLE catalog_entries;
ALTER TABLE catalog_entries_3 RENAME TO catalog_entries;
ALTER TABLE catalog_channel_entries_3 RENAME TO catalog_channel_entries;
)sql";

/// Files and folders read-only: an entry is never edited. The top stays writable until it is
/// renamed.
void make_read_only(const fs::path& folder) {
    std::vector<fs::path> all;
    for (const auto& item : fs::recursive_directory_iterator(folder)) all.push_back(item.path());
    for (const fs::path& path : all) {
        if (fs::is_symlink(path))
            throw Error(ErrorCode::refused,
                        "an entry may hold no symbolic link: " + path.filename().string());
        if (!fs::is_directory(path) && ::chmod(path.c_str(), 0440) != 0)
            throw Error(ErrorCode::lab, "cannot set the mode of " + path.string());
    }
}

}  // namespace

std::vector<store::Migration> migrations() {
    return {{"catalog", 1, first_migration},
            {"catalog", 2, second_migration},
            {"catalog", 3, third_migration}};
}

std::string EntryStore::free_id(TimePoint now) {
    const auto last =
        database_.query_one("SELECT max(id) AS id FROM catalog_entries WHERE id LIKE ?",
                            {dated_prefix("e", now) + "%"});
    return next_dated_id("e", now, last ? last->text_or_null("id").value_or("") : "");
}

void EntryStore::add(const Entry& entry, const fs::path& folder, TimePoint now) {
    during("storing entry '" + entry.id + "'", [&] {
        make_read_only(folder);
        make_folder(folder_, 0750);
        const fs::path home = folder_ / entry.id;
        // The folder first, the row after it: a crash in between leaves a folder that no row names,
        // which the next entry replaces.
        if (database_.query_one("SELECT 1 AS one FROM catalog_entries WHERE id = ?", {entry.id}))
            throw Error(ErrorCode::conflict, "there is an entry of that name");
        remove_tree(home);
        std::error_code error;
        fs::rename(folder, home, error);
        if (error)
            throw Error(ErrorCode::lab, "cannot move it into the catalog: " + error.message());
        ::chmod(home.c_str(), 0750);
        sync_folder(folder_);
        database_.execute(
            "INSERT INTO catalog_entries (id, run, created, state, changed) VALUES (?, ?, ?, "
            "'offered', ?)",
            {entry.id, entry.run, entry.created, to_rfc3339(now)});
    });
}

std::vector<Entry> EntryStore::list() {
    store::Selection all;
    all.order = "id DESC";
    return list(all);
}

std::vector<Entry> EntryStore::list(const store::Selection& selection) {
    std::vector<Entry> entries;
    for (const store::Row& row :
         database_.query(selection.after("SELECT id FROM catalog_entries"), selection.values))
        entries.push_back(get(row.text("id")));
    return entries;
}

Entry EntryStore::get(const std::string& id) {
    if (!database_.query_one("SELECT 1 AS one FROM catalog_entries WHERE id = ?", {id}))
        throw Error(ErrorCode::not_found, "there is no catalog entry '" + id + "'",
                    "see them with: patchlab catalog list");
    return during("reading entry '" + id + "'", [&] {
        Entry entry = entry_from_json(read_json(folder_ / id / "entry.json"));
        if (entry.id != id) throw Error(ErrorCode::refused, "its entry.json is of another entry");
        return entry;
    });
}

std::string EntryStore::of_run(const std::string& run) {
    const auto row = database_.query_one("SELECT id FROM catalog_entries WHERE run = ?", {run});
    return row ? row->text("id") : "";
}

EntryStatus EntryStore::status(const std::string& id) {
    const auto row = database_.query_one(
        "SELECT state, reason, changed FROM catalog_entries WHERE id = ?", {id});
    if (!row)
        throw Error(ErrorCode::not_found, "there is no catalog entry '" + id + "'",
                    "see them with: patchlab catalog list");
    EntryStatus status{
        entry_state_from(row->text("state")), row->text("reason"), row->text("changed"), {}};
    for (const store::Row& in : database_.query(
             "SELECT channel FROM catalog_channel_entries WHERE entry = ? ORDER BY channel", {id}))
        status.channels.push_back(in.text("channel"));
    return status;
}

void EntryStore::set_state(const std::string& id, EntryState state, const std::string& reason,
                           TimePoint now) {
    const EntryState was = status(id).state;
    const auto for_good = [](EntryState one) {
        return one == EntryState::withdrawn || one == EntryState::quarantined;
    };
    if (for_good(was) && !for_good(state))
        throw Error(ErrorCode::conflict,
                    "entry '" + id + "' is " + std::string(name(was)) + " for good",
                    "rehearse the patch again: a new run makes a new entry");
    database_.execute("UPDATE catalog_entries SET state = ?, reason = ?, changed = ? WHERE id = ?",
                      {std::string(name(state)), reason, to_rfc3339(now), id});
}

void EntryStore::add_to_channel(const std::string& id, const std::string& channel, TimePoint now) {
    database_.execute(
        "INSERT OR IGNORE INTO catalog_channel_entries (channel, entry, added) VALUES (?, ?, ?)",
        {channel, id, to_rfc3339(now)});
}

std::vector<std::string> EntryStore::in_channel(const std::string& channel) {
    std::vector<std::string> ids;
    for (const store::Row& row : database_.query(
             "SELECT entry FROM catalog_channel_entries WHERE channel = ? ORDER BY sequence",
             {channel}))
        ids.push_back(row.text("entry"));
    return ids;
}

std::vector<std::string> EntryStore::taken_back() {
    std::vector<std::string> ids;
    for (const store::Row& row :
         database_.query("SELECT id FROM catalog_entries WHERE state IN ('withdrawn', "
                         "'quarantined', 'recalled') ORDER BY id"))
        ids.push_back(row.text("id"));
    return ids;
}

std::vector<std::string> EntryStore::channels() {
    std::vector<std::string> names;
    for (const store::Row& row :
         database_.query("SELECT DISTINCT channel FROM catalog_channel_entries ORDER BY channel"))
        names.push_back(row.text("channel"));
    return names;
}

}  // namespace patchlab::catalog
