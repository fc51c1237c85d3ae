// SPDX-License-Identifier: Apache-2.0
//
// The frozen tables of campaigns and watches.
#include "orchestrator/campaign/store.hpp"

namespace patchlab::campaign {

namespace {

constexpr std::string_view first_migration = R"sql(
CREATE TABLE campaigns (
    id             TEXT PRIMARY KEY,
    lab            TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'finished', 'cancelled')),
    reason         TEXT NOT NULL,
    definition     TEXT NOT NULL,
    budget_runs    INTEGER NOT NULL,
    budget_seconds REAL NOT NULL,
    requester      TEXT NOT NULL,
    watch          TEXT NOT NULL,
    created        TEXT NOT NULL,
    finished       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE campaign_trials (
    campaign TEXT NOT NULL REFERENCES campaigns(id),
    number   INTEGER NOT NULL,
    patches  TEXT NOT NULL,
    why      TEXT NOT NULL,
    run      TEXT NOT NULL,
    started  TEXT NOT NULL,
    verdict  TEXT,
    blamed   TEXT NOT NULL,
    seconds  REAL NOT NULL,
    PRIMARY KEY (campaign, number)
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::string_view watch_migration = R"sql(
CREATE TABLE watches (
    name      TEXT PRIMARY KEY,
    source    TEXT NOT NULL,
    file      TEXT NOT NULL,
    added     TEXT NOT NULL,
    requester TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE watch_suites (
    address  TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    tag      TEXT NOT NULL,
    modified TEXT NOT NULL,
    digest   TEXT NOT NULL,
    claimed  TEXT NOT NULL,
    dated    TEXT NOT NULL,
    looked   TEXT NOT NULL,
    failures INTEGER NOT NULL,
    next_try TEXT NOT NULL,
    trouble  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE watch_fetched (
    watch   TEXT NOT NULL,
    lab     TEXT NOT NULL,
    address TEXT NOT NULL,
    digest  TEXT NOT NULL,
    PRIMARY KEY (watch, lab, address)
) STRICT, WITHOUT ROWID;
CREATE TABLE watch_candidates (
    watch    TEXT NOT NULL,
    lab      TEXT NOT NULL,
    patch    TEXT NOT NULL,
    found    TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('waiting', 'started', 'judged', 'gone')),
    campaign TEXT NOT NULL,
    verdict  TEXT NOT NULL,
    PRIMARY KEY (watch, lab, patch)
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_candidates_of_campaign ON watch_candidates (campaign);
)sql";

}  // namespace

std::vector<store::Migration> migrations() {
    return {{"campaign", 1, first_migration}, {"campaign", 2, watch_migration}};
}

}  // namespace patchlab::campaign
