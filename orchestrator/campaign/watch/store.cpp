// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/campaign/watch/store.hpp"

#include <algorithm>
#include <cmath>

#include "platform/core/error.hpp"

namespace patchlab::campaign {

namespace {

constexpr double first_pause = 60, longest_pause = 6 * 3600;

WatchRow watch_from(const store::Row& row) {
    return {row.text("name"), row.text("source"), row.text("file"), row.text("added"),
            row.text("requester")};
}

}  // namespace

Seconds pause_after(int failures) {
    if (failures <= 0) return Seconds(0);
    return Seconds(std::min(longest_pause, std::ldexp(first_pause, std::min(failures - 1, 20))));
}

void WatchStore::put(const WatchRow& watch) {
    database_.execute(
        "INSERT INTO watches (name, source, file, added, requester) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET source = excluded.source, file = excluded.file, "
        "added = excluded.added, requester = excluded.requester",
        {watch.name, watch.source, watch.file, watch.added, watch.requester});
}

void WatchStore::remove(const std::string& name) {
    get(name);
    database_.execute("DELETE FROM watches WHERE name = ?", {name});
}

std::vector<WatchRow> WatchStore::list() {
    std::vector<WatchRow> rows;
    for (const store::Row& row : database_.query("SELECT * FROM watches ORDER BY name"))
        rows.push_back(watch_from(row));
    return rows;
}

WatchRow WatchStore::get(const std::string& name) {
    const auto row = database_.query_one("SELECT * FROM watches WHERE name = ?", {name});
    if (!row)
        throw Error(ErrorCode::not_found, "there is no watch '" + name + "'",
                    "see: patchlab watch list");
    return watch_from(*row);
}

SuiteRow WatchStore::suite(const families::Suite& suite) {
    SuiteRow out;
    out.suite = suite;
    const auto row =
        database_.query_one("SELECT * FROM watch_suites WHERE address = ?", {suite.address});
    if (!row) return out;
    out.seen = {row->text("tag"), row->text("modified"), row->text("digest")};
    out.claimed = row->text("claimed");
    out.dated = row->text("dated");
    out.looked = row->text("looked");
    out.failures = static_cast<int>(row->integer("failures"));
    out.next_try = row->text("next_try");
    out.trouble = row->text("trouble");
    return out;
}

void WatchStore::save(const SuiteRow& row) {
    database_.execute(
        "INSERT INTO watch_suites (address, name, tag, modified, digest, claimed, dated, looked, "
        "failures, next_try, trouble) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (address) DO UPDATE SET name = excluded.name, tag = excluded.tag, "
        "modified = excluded.modified, digest = excluded.digest, claimed = excluded.claimed, "
        "dated = excluded.dated, looked = excluded.looked, failures = excluded.failures, "
        "next_try = excluded.next_try, trouble = excluded.trouble",
        {row.suite.address, row.suite.name, row.seen.tag, row.seen.modified, row.seen.digest,
         row.claimed, row.dated, row.looked, std::int64_t{row.failures}, row.next_try,
         row.trouble});
}

std::map<std::string, std::string> WatchStore::fetched(const std::string& watch,
                                                       const std::string& lab) {
    std::map<std::string, std::string> digests;
    for (const store::Row& row : database_.query(
             "SELECT address, digest FROM watch_fetched WHERE watch = ? AND lab = ?", {watch, lab}))
        digests[row.text("address")] = row.text("digest");
    return digests;
}

std::vector<std::string> WatchStore::take(const std::string& watch, const std::string& lab,
                                          const std::map<std::string, std::string>& suites,
                                          const std::vector<std::string>& patches, TimePoint now) {
    std::vector<std::string> found;
    database_.transaction([&] {
        for (const std::string& waiting : this->waiting(watch, lab))
            if (std::find(patches.begin(), patches.end(), waiting) == patches.end())
                database_.execute(
                    "UPDATE watch_candidates SET state = 'gone' WHERE watch = ? AND "
                    "lab = ? AND patch = ?",
                    {watch, lab, waiting});
        for (const std::string& patch : patches) {
            const int changed = database_.execute(
                "INSERT INTO watch_candidates (watch, lab, patch, found, state, campaign, verdict) "
                "VALUES (?, ?, ?, ?, 'waiting', '', '') ON CONFLICT DO UPDATE SET state = "
                "'waiting' WHERE state = 'gone'",
                {watch, lab, patch, to_rfc3339(now)});
            if (changed > 0) found.push_back(patch);
        }
        database_.execute("DELETE FROM watch_fetched WHERE watch = ? AND lab = ?", {watch, lab});
        for (const auto& [address, digest] : suites)
            database_.execute(
                "INSERT INTO watch_fetched (watch, lab, address, digest) VALUES (?, ?, ?, ?)",
                {watch, lab, address, digest});
    });
    return found;
}

std::vector<CandidateRow> WatchStore::candidates(const std::string& watch) {
    std::vector<CandidateRow> rows;
    for (const store::Row& row : database_.query(
             "SELECT * FROM watch_candidates WHERE watch = ? ORDER BY found DESC, lab, patch",
             {watch}))
        rows.push_back({row.text("lab"), row.text("patch"), row.text("found"), row.text("state"),
                        row.text("campaign"), row.text("verdict")});
    return rows;
}

std::vector<std::string> WatchStore::waiting(const std::string& watch, const std::string& lab) {
    std::vector<std::string> patches;
    for (const store::Row& row :
         database_.query("SELECT patch FROM watch_candidates WHERE watch = ? AND lab = ? AND state "
                         "= 'waiting' ORDER BY patch",
                         {watch, lab}))
        patches.push_back(row.text("patch"));
    return patches;
}

void WatchStore::start(const std::string& watch, const std::string& lab,
                       const std::string& campaign, const std::vector<std::string>& patches) {
    for (const std::string& patch : patches)
        database_.execute(
            "UPDATE watch_candidates SET state = 'started', campaign = ? WHERE watch "
            "= ? AND lab = ? AND patch = ?",
            {campaign, watch, lab, patch});
}

std::vector<std::string> WatchStore::unsettled(const std::string& watch) {
    std::vector<std::string> campaigns;
    for (const store::Row& row :
         database_.query("SELECT DISTINCT campaign FROM watch_candidates WHERE watch = ? AND state "
                         "= 'started' ORDER BY campaign",
                         {watch}))
        campaigns.push_back(row.text("campaign"));
    return campaigns;
}

void WatchStore::settle(const std::string& campaign,
                        const std::map<std::string, std::string>& verdicts) {
    database_.transaction([&] {
        for (const auto& [patch, verdict] : verdicts)
            database_.execute(
                "UPDATE watch_candidates SET state = 'judged', verdict = ? WHERE "
                "campaign = ? AND patch = ? AND state = 'started'",
                {verdict, campaign, patch});
    });
}

std::size_t WatchStore::runs_since(const std::string& watch, TimePoint since) {
    const auto row = database_.query_one(
        "SELECT COUNT(*) AS runs FROM campaign_trials JOIN campaigns ON campaigns.id = "
        "campaign_trials.campaign WHERE campaigns.watch = ? AND campaign_trials.started >= ?",
        {watch, to_rfc3339(since)});
    return row ? static_cast<std::size_t>(row->integer("runs")) : 0;
}

}  // namespace patchlab::campaign
