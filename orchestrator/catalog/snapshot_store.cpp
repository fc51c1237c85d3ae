// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/snapshot_store.hpp"

#include <array>

#include "platform/core/error.hpp"

namespace patchlab::catalog {

namespace {

constexpr std::array<std::pair<SnapshotState, std::string_view>, 3> snapshot_states{
    {{SnapshotState::building, "building"},
     {SnapshotState::published, "published"},
     {SnapshotState::abandoned, "abandoned"}}};

SnapshotState state_from(const std::string& word) {
    for (const auto& [state, known] : snapshot_states)
        if (known == word) return state;
    throw Error(ErrorCode::internal, "'" + word + "' is no state of a snapshot");
}

std::vector<SnapshotRow> rows_of(const std::vector<store::Row>& rows) {
    std::vector<SnapshotRow> all;
    for (const store::Row& row : rows)
        all.push_back({row.text("channel"), row.text("id"), row.text("created"),
                       state_from(row.text("state")), row.text("digest")});
    return all;
}

}  // namespace

std::string_view name(SnapshotState state) {
    for (const auto& [value, word] : snapshot_states)
        if (value == state) return word;
    throw Error(ErrorCode::internal, "a state of a snapshot has no name");
}

void SnapshotStore::begin(const std::string& channel, const std::string& id,
                          const std::string& created) {
    database_.execute(
        "INSERT INTO catalog_snapshots (channel, id, created, state) VALUES (?, ?, ?, 'building')",
        {channel, id, created});
}

void SnapshotStore::set_digest(const std::string& channel, const std::string& id,
                               const std::string& digest) {
    database_.execute("UPDATE catalog_snapshots SET digest = ? WHERE channel = ? AND id = ?",
                      {digest, channel, id});
}

void SnapshotStore::end(const std::string& channel, const std::string& id, SnapshotState state) {
    database_.execute("UPDATE catalog_snapshots SET state = ? WHERE channel = ? AND id = ?",
                      {std::string(name(state)), channel, id});
}

std::vector<SnapshotRow> SnapshotStore::list(const std::string& channel) {
    return rows_of(database_.query(
        "SELECT * FROM catalog_snapshots WHERE ?1 = '' OR channel = ?1 ORDER BY sequence DESC",
        {channel}));
}

std::vector<SnapshotRow> SnapshotStore::building() {
    return rows_of(database_.query(
        "SELECT * FROM catalog_snapshots WHERE state = 'building' ORDER BY sequence"));
}

std::vector<SnapshotRow> SnapshotStore::published(const std::string& channel, std::size_t count) {
    return rows_of(
        database_.query("SELECT * FROM catalog_snapshots WHERE channel = ? AND state = 'published' "
                        "ORDER BY sequence DESC LIMIT ?",
                        {channel, static_cast<std::int64_t>(count)}));
}

bool SnapshotStore::known(const std::string& channel, const std::string& id) {
    return database_
        .query_one("SELECT 1 AS one FROM catalog_snapshots WHERE channel = ? AND id = ?",
                   {channel, id})
        .has_value();
}

}  // namespace patchlab::catalog
