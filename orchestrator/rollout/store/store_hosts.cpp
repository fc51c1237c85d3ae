// SPDX-License-Identifier: Apache-2.0
//
// The hosts of a rollout in the store: read by state, written in batches, counted over one index.
#include "orchestrator/rollout/store/store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::rollout {

namespace {

std::string state_list(const std::vector<HostState>& states) {
    std::string list;
    for (const HostState state : states)
        list += (list.empty() ? "'" : ", '") + std::string(rollout::name(state)) + "'";
    return "(" + list + ")";
}

std::optional<InstalledPackages> versions(const store::Row& row, std::string_view column) {
    const auto text = row.text_or_null(column);
    if (!text) return std::nullopt;
    return parse_json(*text, column).get<InstalledPackages>();
}

store::Value versions_value(const std::optional<InstalledPackages>& versions) {
    if (!versions) return nullptr;
    return to_line(Json(*versions));
}

std::vector<HostCount> counts_from(const std::vector<store::Row>& rows) {
    std::vector<HostCount> counts;
    for (const store::Row& row : rows)
        counts.push_back({static_cast<int>(row.integer("ring")), host_state_from(row.text("state")),
                          row.integer("proven") != 0, row.integer("count")});
    return counts;
}

std::vector<OpenHost> open_from(const std::vector<store::Row>& rows) {
    std::vector<OpenHost> hosts;
    hosts.reserve(rows.size());
    for (const store::Row& row : rows)
        hosts.push_back({row.integer("host"), static_cast<int>(row.integer("ring")),
                         host_state_from(row.text("state")), row.text("window"),
                         row.integer("next_try")});
    return hosts;
}

}  // namespace

std::vector<OpenHost> RolloutStore::hosts_in(std::int64_t rollout, int ring,
                                             const std::vector<HostState>& states) {
    // named, because SQLite would walk all hosts for the order; one that looks for a few hosts
    // among many must not
    const std::string sql = std::string(
                                "SELECT host, ring, state, window, next_try FROM rollout_hosts "
                                "INDEXED BY rollout_hosts_by_state WHERE "
                                "rollout = ?1 AND ring ") +
                            (ring < 0 ? "IN (SELECT ring FROM rollout_rings WHERE rollout = ?1)"
                                      : "= " + std::to_string(ring)) +
                            " AND state IN " + state_list(states) + " ORDER BY host";
    return open_from(database_.query(sql, {rollout}));
}

std::vector<OpenHost> RolloutStore::unsoaked(std::int64_t rollout, int ring) {
    return open_from(
        database_.query("SELECT host, ring, state, window, next_try FROM rollout_hosts WHERE "
                        "rollout = ? AND ring = ? AND state = 'done' "
                        "AND soaked = 0 ORDER BY host",
                        {rollout, std::int64_t{ring}}));
}

HostRow RolloutStore::host_row(const store::Row& row) {
    HostRow host;
    host.host = row.integer("host");
    host.ring = static_cast<int>(row.integer("ring"));
    host.name = row.text("name");
    host.window = row.text("window");
    const std::string criticality = row.text("criticality");
    const auto known = assessment::criticality_from(criticality);
    if (!known)
        throw Error(ErrorCode::invalid,
                    "there is no criticality '" + criticality.substr(0, 60) + "'");
    host.criticality = *known;
    host.state = host.stored = host_state_from(row.text("state"));
    host.detail = row.text("detail");
    host.before = versions(row, "before");
    host.after = versions(row, "after");
    host.boot_before = row.text("boot_before");
    host.boot_after = row.text("boot_after");
    if (const std::string text = row.text("baseline"); !text.empty())
        host.baseline = assessment::baseline_from_json(parse_json(text, "baseline"));
    host.proven = row.integer("proven") != 0;
    host.failed = row.integer("failed") != 0;
    host.disagrees = row.integer("disagrees") != 0;
    host.soaked = row.integer("soaked") != 0;
    host.attempts = static_cast<int>(row.integer("attempts"));
    host.first_try = row.integer("first_try");
    host.next_try = row.integer("next_try");
    host.seconds = row.real("seconds");
    if (const std::string text = row.text("vitals"); !text.empty())
        host.vitals = assessment::vitals_from_json(parse_json(text, "vitals"));
    if (const double outage = row.real("outage"); outage >= 0) host.outage_seconds = outage;
    host.changed = row.integer("changed");
    return host;
}

std::vector<HostRow> RolloutStore::load(std::int64_t rollout,
                                        const std::vector<std::int64_t>& hosts) {
    std::vector<HostRow> rows;
    if (hosts.empty()) return rows;
    std::string list;
    for (const std::int64_t host : hosts) list += (list.empty() ? "" : ", ") + std::to_string(host);
    for (const store::Row& row :
         database_.query("SELECT * FROM rollout_hosts WHERE rollout = ? AND host IN (" + list +
                             ") ORDER BY host",
                         {rollout}))
        rows.push_back(host_row(row));
    return rows;
}

void RolloutStore::save(std::int64_t rollout, std::vector<HostRow>& hosts, TimePoint now) {
    if (hosts.empty()) return;
    std::vector<std::vector<store::Value>> rows;
    for (HostRow& host : hosts) {
        if (host.stored != host.state && !may_move(host.stored, host.state))
            throw Error(ErrorCode::internal, "host '" + host.name + "' may not move from '" +
                                                 std::string(rollout::name(host.stored)) +
                                                 "' to '" + std::string(rollout::name(host.state)) +
                                                 "'");
        host.changed = to_epoch(now);
        rows.push_back(
            {std::string(rollout::name(host.state)),
             shortened(host.detail, 1000),
             versions_value(host.before),
             versions_value(host.after),
             host.boot_before,
             host.boot_after,
             host.baseline.checks.empty() ? std::string() : to_line(to_json(host.baseline)),
             std::int64_t{host.proven},
             std::int64_t{host.failed},
             std::int64_t{host.disagrees},
             std::int64_t{host.soaked},
             std::int64_t{host.attempts},
             host.first_try,
             host.next_try,
             host.seconds,
             host.vitals ? to_line(to_json(*host.vitals)) : std::string(),
             host.outage_seconds.value_or(-1),
             host.changed,
             rollout,
             host.host});
    }
    database_.transaction([&] {
        database_.execute_each(
            "UPDATE rollout_hosts SET state = ?, detail = ?, before = ?, after = ?, boot_before = "
            "?, boot_after = ?, baseline = ?, proven "
            "= ?, failed = ?, disagrees = ?, "
            "soaked = ?, attempts = ?, first_try = ?, next_try = ?, seconds = ?, vitals = ?, "
            "outage = ?, changed = ? WHERE "
            "rollout = ? AND host = ?",
            rows);
    });
    for (HostRow& host : hosts) host.stored = host.state;
}

int RolloutStore::move_all(std::int64_t rollout, const std::vector<HostState>& from, HostState to,
                           const std::string& detail, TimePoint now) {
    for (const HostState state : from)
        if (!may_move(state, to))
            throw Error(ErrorCode::internal, "hosts may not move from '" +
                                                 std::string(rollout::name(state)) + "' to '" +
                                                 std::string(rollout::name(to)) + "'");
    return database_.execute(
        "UPDATE rollout_hosts SET state = ?, detail = CASE WHEN ? = '' THEN detail ELSE ? END, "
        "changed = ? WHERE rollout = ? AND state "
        "IN " +
            state_list(from),
        {std::string(rollout::name(to)), detail, detail, to_epoch(now), rollout});
}

std::vector<HostCount> RolloutStore::counts(std::int64_t rollout) {
    return counts_from(
        database_.query("SELECT ring, state, proven, count(*) AS count FROM rollout_hosts WHERE "
                        "rollout = ? GROUP BY ring, state, proven",
                        {rollout}));
}

std::vector<HostCount> RolloutStore::counts_of_ring(std::int64_t rollout, int ring) {
    return counts_from(
        database_.query("SELECT ring, state, proven, count(*) AS count FROM rollout_hosts WHERE "
                        "rollout = ? AND ring = ? GROUP BY ring, state, proven",
                        {rollout, std::int64_t{ring}}));
}

std::vector<std::pair<std::string, assessment::Vitals>> RolloutStore::vitals(std::int64_t rollout,
                                                                             int ring) {
    std::vector<std::pair<std::string, assessment::Vitals>> hosts;
    for (const store::Row& row :
         database_.query("SELECT name, vitals FROM rollout_hosts WHERE rollout = ? AND ring = ? "
                         "AND vitals <> '' ORDER BY host",
                         {rollout, std::int64_t{ring}}))
        hosts.emplace_back(row.text("name"),
                           assessment::vitals_from_json(parse_json(row.text("vitals"), "vitals")));
    return hosts;
}

RolloutStore::Outage RolloutStore::outage(std::int64_t rollout) {
    const auto row = database_.query_one(
        "SELECT coalesce(sum(outage), 0.0) AS seconds, count(*) AS hosts FROM rollout_hosts WHERE "
        "rollout = ? AND outage >= 0",
        {rollout});
    return row ? Outage{row->real("seconds"), row->integer("hosts")} : Outage{};
}

RolloutStore::Failures RolloutStore::failures(std::int64_t rollout) {
    Failures all;
    for (const store::Row& row :
         database_.query("SELECT disagrees, count(*) AS count FROM rollout_hosts WHERE rollout = ? "
                         "AND failed = 1 GROUP BY disagrees",
                         {rollout})) {
        all.failed += row.integer("count");
        if (row.integer("disagrees") != 0) all.disagree += row.integer("count");
    }
    return all;
}

std::vector<HostRow> RolloutStore::some(std::int64_t rollout, const std::vector<HostState>& states,
                                        std::int64_t at_most, std::int64_t after) {
    std::vector<HostRow> rows;
    const std::string where = states.empty() ? "" : " AND state IN " + state_list(states);
    for (const store::Row& row :
         database_.query("SELECT * FROM rollout_hosts WHERE rollout = ? AND host > ?" + where +
                             " ORDER BY host LIMIT ?",
                         {rollout, after, at_most}))
        rows.push_back(host_row(row));
    return rows;
}

std::vector<HostRow> RolloutStore::attention(std::int64_t rollout, std::int64_t at_most) {
    std::vector<HostRow> rows;
    const auto add = [&](const std::string& index, const std::string& where) {
        const std::int64_t left = at_most - static_cast<std::int64_t>(rows.size());
        if (left <= 0) return;
        for (const store::Row& row :
             database_.query("SELECT * FROM rollout_hosts INDEXED BY " + index +
                                 " WHERE rollout = ? AND " + where + " LIMIT ?",
                             {rollout, left}))
            rows.push_back(host_row(row));
    };
    add("rollout_hosts_failed", "failed = 1");
    // ring by ring: the index begins with it
    for (const RingRow& ring : rings(rollout))
        for (const HostState state :
             {HostState::back_out_failed, HostState::missed, HostState::skipped})
            add("rollout_hosts_by_state", "failed = 0 AND ring = " + std::to_string(ring.ring) +
                                              " AND state = '" + std::string(rollout::name(state)) +
                                              "'");
    return rows;
}

}  // namespace patchlab::rollout
