// SPDX-License-Identifier: Apache-2.0
//
// The frozen tables of rollouts, and what is kept in them as JSON.
#include "orchestrator/rollout/store/store.hpp"

namespace patchlab::rollout {

namespace {

constexpr std::string_view first_migration = R"sql(
CREATE TABLE rollouts (
    key             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    entry           TEXT NOT NULL,
    name            TEXT NOT NULL,
    mode            TEXT NOT NULL CHECK (mode IN ('push', 'pull')),
    state           TEXT NOT NULL,
    reason          TEXT NOT NULL DEFAULT '',
    source          TEXT NOT NULL,
    file            TEXT NOT NULL,
    folder          TEXT NOT NULL,
    evidence_digest TEXT NOT NULL,
    plan_digest     TEXT NOT NULL,
    windows         TEXT NOT NULL,
    gate            TEXT NOT NULL,
    simulated       TEXT NOT NULL DEFAULT '',
    actor           TEXT NOT NULL,
    os_user         TEXT NOT NULL,
    hosts           INTEGER NOT NULL,
    may_fail        INTEGER NOT NULL,
    created         TEXT NOT NULL,
    changed         TEXT NOT NULL,
    finished        TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE rollout_rings (
    rollout    INTEGER NOT NULL REFERENCES rollouts(key),
    ring       INTEGER NOT NULL,
    name       TEXT NOT NULL,
    state      TEXT NOT NULL,
    hosts      INTEGER NOT NULL,
    started    INTEGER NOT NULL DEFAULT 0,
    soak_until INTEGER NOT NULL DEFAULT 0,
    finished   INTEGER NOT NULL DEFAULT 0,
    published  INTEGER NOT NULL DEFAULT 0,
    detail     TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (rollout, ring)
) STRICT, WITHOUT ROWID;
CREATE TABLE rollout_hosts (
    rollout     INTEGER NOT NULL REFERENCES rollouts(key),
    host        INTEGER NOT NULL,
    ring        INTEGER NOT NULL,
    name        TEXT NOT NULL,
    criticality TEXT NOT NULL,
    window      TEXT NOT NULL DEFAULT '',
    state       TEXT NOT NULL,
    detail      TEXT NOT NULL DEFAULT '',
    before      TEXT,
    after       TEXT,
    boot_before TEXT NOT NULL DEFAULT '',
    boot_after  TEXT NOT NULL DEFAULT '',
    baseline    TEXT NOT NULL DEFAULT '',
    proven      INTEGER NOT NULL DEFAULT 0,
    failed      INTEGER NOT NULL DEFAULT 0,
    disagrees   INTEGER NOT NULL DEFAULT 0,
    soaked      INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    first_try   INTEGER NOT NULL DEFAULT 0,
    next_try    INTEGER NOT NULL DEFAULT 0,
    seconds     REAL NOT NULL DEFAULT 0,
    changed     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (rollout, host)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollout_hosts_by_state ON rollout_hosts (rollout, ring, state, proven);
CREATE INDEX rollout_hosts_failed ON rollout_hosts (rollout, disagrees) WHERE failed = 1;
CREATE TABLE rollout_events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    rollout  INTEGER NOT NULL REFERENCES rollouts(key),
    time     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    ring     TEXT NOT NULL DEFAULT '',
    host     TEXT NOT NULL DEFAULT '',
    text     TEXT NOT NULL
) STRICT;
CREATE INDEX rollout_events_of ON rollout_events (rollout, sequence);
CREATE TABLE rollout_requests (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    rollout  INTEGER NOT NULL REFERENCES rollouts(key),
    what     TEXT NOT NULL CHECK (what IN ('pause', 'abort')),
    actor    TEXT NOT NULL,
    os_user  TEXT NOT NULL,
    time     TEXT NOT NULL
) STRICT;
CREATE TABLE rollout_reports (
    host     TEXT PRIMARY KEY,
    boot_id  TEXT NOT NULL,
    time     TEXT NOT NULL,
    packages TEXT NOT NULL,
    received TEXT NOT NULL
) STRICT;
)sql";

// What turned a rollout from its way is a handful among a row for each host; lists ask for it of
// every rollout.
constexpr std::string_view second_migration = R"sql(
CREATE INDEX rollout_events_turns ON rollout_events (rollout, sequence)
    WHERE kind IN ('halting', 'aborting', 'backing-out', 'quarantine', 'recall');
)sql";

// What was seen of a host while its ring was watched, and for how long its services were away (less
// than nothing: not observed).
constexpr std::string_view third_migration = R"sql(
ALTER TABLE rollout_hosts ADD COLUMN vitals TEXT NOT NULL DEFAULT '';
ALTER TABLE rollout_hosts ADD COLUMN outage REAL NOT NULL DEFAULT -1;
)sql";

}  // namespace

std::vector<store::Migration> migrations() {
    return {{"rollout", 1, first_migration},
            {"rollout", 2, second_migration},
            {"rollout", 3, third_migration}};
}

Json to_json(const assessment::Windows& windows) {
    Json json = Json::object();
    for (const auto& [name, window] : windows)
        json[name] = {{"zone", window.zone},
                      {"days", window.days},
                      {"from", window.from},
                      {"to", window.to},
                      {"except", window.except}};
    return json;
}

assessment::Windows windows_from_json(const Json& json) {
    assessment::Windows windows;
    for (const auto& [name, item] : json.items()) {
        assessment::Window window;
        window.zone = item.at("zone").get<std::string>();
        window.days = item.at("days").get<std::array<bool, 7>>();
        window.from = item.at("from").get<int>();
        window.to = item.at("to").get<int>();
        window.except = item.at("except").get<std::set<std::string>>();
        windows[name] = std::move(window);
    }
    return windows;
}

Epoch to_epoch(TimePoint time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

TimePoint from_epoch(Epoch seconds) { return TimePoint(std::chrono::seconds(seconds)); }

}  // namespace patchlab::rollout
