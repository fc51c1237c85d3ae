// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/store/store.hpp"

#include "platform/core/dated_id.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::rollout {

namespace {

constexpr std::size_t most_told = 8000;  ///< characters of one event

const std::string select_rollouts =
    "SELECT key, id, entry, name, mode, state, reason, source, file, folder, evidence_digest, "
    "plan_digest, windows, gate, simulated, "
    "actor, os_user, hosts, may_fail, created, changed, finished FROM rollouts ";

RolloutRow rollout_row(const store::Row& row) {
    RolloutRow out;
    out.key = row.integer("key");
    out.id = row.text("id");
    out.entry = row.text("entry");
    out.name = row.text("name");
    out.mode = row.text("mode") == "pull" ? Mode::pull : Mode::push;
    out.state = rollout_state_from(row.text("state"));
    out.reason = row.text("reason");
    out.source = row.text("source");
    out.file = row.text("file");
    out.folder = row.text("folder");
    out.evidence_digest = row.text("evidence_digest");
    out.plan_digest = row.text("plan_digest");
    out.windows =
        windows_from_json(parse_json(row.text("windows"), "the windows of rollout " + out.id));
    out.gate = parse_json(row.text("gate"), "the gate of rollout " + out.id);
    out.simulated = row.text("simulated");
    out.actor = row.text("actor");
    out.os_user = row.text("os_user");
    out.hosts = row.integer("hosts");
    out.may_fail = row.integer("may_fail");
    out.created = row.text("created");
    out.changed = row.text("changed");
    out.finished = row.text("finished");
    return out;
}

[[noreturn]] void no_move(const std::string& what, std::string_view from, std::string_view to) {
    throw Error(ErrorCode::internal, what + " may not move from '" + std::string(from) + "' to '" +
                                         std::string(to) + "'");
}

}  // namespace

std::string in_one_line(std::string_view reasons) {
    std::string line;
    for (const char c : reasons) {
        if (c == '\n') line += "; ";
        else line += c;
    }
    return line;
}

std::string RolloutStore::free_id(TimePoint now) {
    const auto last = database_.query_one("SELECT max(id) AS id FROM rollouts WHERE id LIKE ?",
                                          {dated_prefix("ro", now) + "%"});
    return next_dated_id("ro", now, last ? last->text_or_null("id").value_or("") : "");
}

void RolloutStore::add(RolloutRow& row, const Plan& plan) {
    database_.execute(
        "INSERT INTO rollouts (id, entry, name, mode, state, source, file, folder, "
        "evidence_digest, plan_digest, windows, gate, simulated, "
        "actor, os_user, hosts, may_fail, created, "
        "changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {row.id, row.entry, row.name, std::string(rollout::name(row.mode)),
         std::string(rollout::name(row.state)), row.source, row.file, row.folder,
         row.evidence_digest, row.plan_digest, to_line(to_json(row.windows)), to_line(row.gate),
         row.simulated, row.actor, row.os_user, row.hosts, row.may_fail, row.created, row.changed});
    row.key =
        database_.query_one("SELECT key FROM rollouts WHERE id = ?", {row.id})->integer("key");
    std::vector<std::vector<store::Value>> rings, hosts;
    std::int64_t host = 0;
    for (std::size_t i = 0; i < plan.rings.size(); ++i) {
        const PlannedRing& ring = plan.rings[i];
        const auto number = static_cast<std::int64_t>(i);
        rings.push_back({row.key, number, ring.definition.name,
                         std::string(rollout::name(RingState::waiting)),
                         static_cast<std::int64_t>(ring.hosts.size())});
        for (const PlannedHost& planned : ring.hosts)
            hosts.push_back({row.key, host++, number, planned.name,
                             std::string(assessment::name(planned.criticality)), planned.window,
                             std::string(rollout::name(HostState::planned))});
    }
    database_.execute_each(
        "INSERT INTO rollout_rings (rollout, ring, name, state, hosts) VALUES (?, ?, ?, ?, ?)",
        rings);
    database_.execute_each(
        "INSERT INTO rollout_hosts (rollout, host, ring, name, criticality, window, state) VALUES "
        "(?, ?, ?, ?, ?, ?, ?)",
        hosts);
}

std::vector<RolloutRow> RolloutStore::list() {
    std::vector<RolloutRow> rows;
    for (const store::Row& row : database_.query(select_rollouts + "ORDER BY key DESC"))
        rows.push_back(rollout_row(row));
    return rows;
}

RolloutRow RolloutStore::get(const std::string& id) {
    const auto row = id.empty() ? database_.query_one(select_rollouts + "ORDER BY key DESC LIMIT 1")
                                : database_.query_one(select_rollouts + "WHERE id = ?", {id});
    if (row) return rollout_row(*row);
    throw Error(ErrorCode::not_found,
                id.empty() ? "there is no rollout yet" : "there is no rollout '" + id + "'",
                "see them with: patchlab rollout list");
}

void RolloutStore::move(RolloutRow& row, RolloutState to, const std::string& reason,
                        TimePoint now) {
    if (!may_move(row.state, to))
        no_move("rollout " + row.id, rollout::name(row.state), rollout::name(to));
    const std::string time = to_rfc3339(now);
    // a process that lost its lock to another one must not write over what that one did
    const int changed = database_.execute(
        "UPDATE rollouts SET state = ?, reason = ?, changed = ?, finished = ? WHERE key = ? AND "
        "state = ?",
        {std::string(rollout::name(to)), reason, time, is_over(to) ? time : "", row.key,
         std::string(rollout::name(row.state))});
    if (changed != 1)
        throw Error(ErrorCode::conflict,
                    "rollout " + row.id + " was moved by another process in the meantime");
    row.state = to;
    row.reason = reason;
    row.changed = time;
    row.finished = is_over(to) ? time : "";
}

void RolloutStore::act_as(RolloutRow& row, const std::string& actor, const std::string& os_user) {
    database_.execute("UPDATE rollouts SET actor = ?, os_user = ? WHERE key = ?",
                      {actor, os_user, row.key});
    row.actor = actor;
    row.os_user = os_user;
}

std::vector<RingRow> RolloutStore::rings(std::int64_t rollout) {
    std::vector<RingRow> rings;
    for (const store::Row& row :
         database_.query("SELECT * FROM rollout_rings WHERE rollout = ? ORDER BY ring", {rollout}))
        rings.push_back({static_cast<int>(row.integer("ring")), row.text("name"),
                         ring_state_from(row.text("state")), row.integer("hosts"),
                         row.integer("started"), row.integer("soak_until"), row.integer("finished"),
                         row.integer("published") != 0, row.text("detail")});
    return rings;
}

void RolloutStore::move_ring(std::int64_t rollout, RingRow& ring, RingState to, TimePoint now,
                             const std::string& detail) {
    if (ring.state == to) return;
    if (!may_move(ring.state, to))
        no_move("ring '" + ring.name + "'", rollout::name(ring.state), rollout::name(to));
    ring.state = to;
    ring.detail = detail;
    if (ring.started == 0) ring.started = to_epoch(now);
    if (to == RingState::passed || to == RingState::failed) ring.finished = to_epoch(now);
    save_ring(rollout, ring);
}

void RolloutStore::save_ring(std::int64_t rollout, const RingRow& ring) {
    database_.execute(
        "UPDATE rollout_rings SET state = ?, started = ?, soak_until = ?, finished = ?, published "
        "= ?, detail = ? WHERE rollout = ? AND "
        "ring = ?",
        {std::string(rollout::name(ring.state)), ring.started, ring.soak_until, ring.finished,
         std::int64_t{ring.published}, ring.detail, rollout, std::int64_t{ring.ring}});
}

void RolloutStore::tell(std::int64_t rollout, TimePoint now, const std::string& kind,
                        const std::string& ring, const std::string& host, const std::string& text) {
    database_.execute(
        "INSERT INTO rollout_events (rollout, time, kind, ring, host, text) VALUES (?, ?, ?, ?, ?, "
        "?)",
        {rollout, to_rfc3339(now), kind, ring, host, shortened(text, most_told)});
}

static EventRow event_from(const store::Row& row) {
    return {row.integer("sequence"), row.text("time"), row.text("kind"),
            row.text("ring"),        row.text("host"), row.text("text")};
}

std::vector<EventRow> RolloutStore::turns(std::int64_t rollout) {
    std::vector<EventRow> events;
    for (const store::Row& row : database_.query(
             "SELECT * FROM rollout_events WHERE rollout = ? AND kind IN ('halting', 'aborting', "
             "'backing-out', 'quarantine', 'recall') ORDER BY sequence LIMIT 20",
             {rollout}))
        events.push_back(event_from(row));
    return events;
}

std::vector<EventRow> RolloutStore::events(std::int64_t rollout, std::int64_t after,
                                           std::int64_t at_most) {
    std::vector<EventRow> events;
    for (const store::Row& row : database_.query("SELECT * FROM rollout_events WHERE rollout = ? "
                                                 "AND sequence > ? ORDER BY sequence LIMIT ?",
                                                 {rollout, after, at_most}))
        events.push_back(event_from(row));
    return events;
}

void RolloutStore::ask(std::int64_t rollout, const RequestRow& request) {
    database_.execute(
        "INSERT INTO rollout_requests (rollout, what, actor, os_user, time) VALUES (?, ?, ?, ?, ?)",
        {rollout, request.what, request.actor, request.os_user, request.time});
}

/// An abort goes before a pause.
std::optional<RequestRow> RolloutStore::asked(std::int64_t rollout) {
    const auto row = database_.query_one(
        "SELECT what, actor, os_user, time FROM rollout_requests WHERE rollout = ? ORDER BY what, "
        "sequence LIMIT 1",
        {rollout});
    if (!row) return std::nullopt;
    return RequestRow{row->text("what"), row->text("actor"), row->text("os_user"),
                      row->text("time")};
}

void RolloutStore::forget_requests(std::int64_t rollout) {
    database_.execute("DELETE FROM rollout_requests WHERE rollout = ?", {rollout});
}

void RolloutStore::put_report(const HostReport& report) {
    database_.execute(
        "INSERT INTO rollout_reports (host, boot_id, time, packages, received) VALUES (?, ?, ?, ?, "
        "?) ON CONFLICT(host) DO UPDATE SET "
        "boot_id = excluded.boot_id, "
        "time = excluded.time, packages = excluded.packages, received = excluded.received",
        {report.host, report.boot_id, report.time, to_line(Json(report.packages)),
         report.received});
}

std::optional<HostReport> RolloutStore::report_of(const std::string& host) {
    const auto row = database_.query_one("SELECT * FROM rollout_reports WHERE host = ?", {host});
    if (!row) return std::nullopt;
    return HostReport{row->text("host"), row->text("boot_id"), row->text("time"),
                      parse_json(row->text("packages"), "report").get<InstalledPackages>(),
                      row->text("received")};
}

std::int64_t RolloutStore::data_version() {
    return database_.query_one("PRAGMA data_version")->integer("data_version");
}

}  // namespace patchlab::rollout
