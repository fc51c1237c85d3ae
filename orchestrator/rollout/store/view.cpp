// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/store/view.hpp"

#include <algorithm>
#include <sstream>

#include "orchestrator/governance/audit.hpp"
#include "orchestrator/rollout/engine/engine.hpp"
#include "orchestrator/rollout/gate/gate_suites.hpp"

namespace patchlab::rollout {

namespace {

constexpr std::int64_t most_named = 50;
constexpr std::int64_t most_events = 10'000;

/// Who started it, by the audit trail: whoever steered it last may be another person.
governance::Actor starter_of(RolloutStore& store, const RolloutRow& row) {
    const auto rows = governance::newest_rows(store.database(), {"rollout-started"}, row.id);
    return rows.empty() ? governance::Actor{row.actor, row.os_user}
                        : rows.begin()->second.event.actor;
}

Json time_json(Epoch time) {
    return time == 0 ? Json(nullptr) : Json(to_rfc3339(from_epoch(time)));
}

/// Why a host is where it is: a line for each reason, the most specific first.
std::vector<std::string> reasons_of(const HostRow& host) {
    std::vector<std::string> lines;
    std::istringstream text(host.detail);
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

/// What a person must know of a host without asking for all.
Json named_json(const HostRow& host, const std::string& ring) {
    return {{"name", host.name},
            {"ring", ring},
            {"state", name(host.state)},
            {"detail", in_one_line(host.detail)},
            {"reasons", reasons_of(host)}};
}

Json host_json(const HostRow& host, const std::string& ring) {
    Json json = named_json(host, ring);
    json["criticality"] = assessment::name(host.criticality);
    json["proven"] = host.proven;
    json["failed"] = host.failed;
    json["disagrees_with_lab"] = host.disagrees;
    json["before"] = host.before ? Json(*host.before) : Json(nullptr);
    json["after"] = host.after ? Json(*host.after) : Json(nullptr);
    json["vitals"] = host.vitals ? assessment::to_json(*host.vitals) : Json(nullptr);
    json["outage_seconds"] = host.outage_seconds ? Json(*host.outage_seconds) : Json(nullptr);
    json["boot_id_before"] = host.boot_before;
    json["boot_id_after"] = host.boot_after;
    json["checks_before"] = to_json(host.baseline);
    json["attempts"] = host.attempts;
    json["seconds"] = host.seconds;
    json["next_try"] = host.state == HostState::offline || host.state == HostState::following
                           ? time_json(host.next_try)
                           : Json(nullptr);
    json["changed"] = time_json(host.changed);
    return json;
}

Json rings_json(const std::vector<RingRow>& rings, const std::vector<HostCount>& counts,
                Json& totals) {
    Json items = Json::array();
    for (const RingRow& ring : rings) {
        Json states = Json::object();
        std::vector<HostCount> own;
        for (const HostCount& count : counts) {
            if (count.ring != ring.ring) continue;
            own.push_back(count);
            const std::string state(name(count.state));
            states[state] = states.value(state, std::int64_t{0}) + count.count;
            totals[state] = totals.value(state, std::int64_t{0}) + count.count;
        }
        const Proof proof = proof_of(own);
        items.push_back({{"name", ring.name},
                         {"state", name(ring.state)},
                         {"detail", ring.detail},
                         {"hosts", ring.hosts},
                         {"proven", proof.proven},
                         {"to_prove", proof.hosts},
                         {"counts", states},
                         {"started", time_json(ring.started)},
                         {"soak_until", time_json(ring.soak_until)},
                         {"finished", time_json(ring.finished)},
                         {"published", ring.published}});
    }
    return items;
}

/// In the order of the plan, in which each ring's hosts are beside each other.
Json hosts_json(RolloutStore& store, const RolloutRow& row, const std::vector<RingRow>& rings,
                const HostsShown& shown) {
    Json hosts = Json::array();
    for (const HostRow& host : store.some(row.key, {}, shown.most, shown.from - 1))
        hosts.push_back(host_json(host, rings.at(static_cast<std::size_t>(host.ring)).name));
    return hosts;
}

/// `first`: the number of the ring's first host in the plan.
Json first_hosts_json(RolloutStore& store, const RolloutRow& row, const RingRow& ring,
                      std::int64_t first, std::int64_t most) {
    Json hosts = Json::array();
    for (const store::Row& host : store.database().query(
             "SELECT name, state FROM rollout_hosts WHERE rollout = ? AND host >= ? AND host < ? "
             "ORDER BY host",
             {row.key, first, first + std::min(most, ring.hosts)}))
        hosts.push_back({{"name", host.text("name")}, {"state", host.text("state")}});
    return hosts;
}

}  // namespace

Json history_json(RolloutStore& store, const RolloutRow& row) {
    Json items = Json::array();
    for (const EventRow& event : store.turns(row.key))
        items.push_back({{"time", event.time}, {"event", event.kind}, {"text", event.text}});
    return items;
}

Json summary_json(const RolloutRow& row) {
    return {{"id", row.id},
            {"name", row.name},
            {"entry", row.entry},
            {"state", name(row.state)},
            {"reason", row.reason},
            {"simulated", !row.simulated.empty()},
            {"mode", name(row.mode)},
            {"hosts", row.hosts},
            {"may_fail", row.may_fail},
            {"acting_for", row.actor},
            {"created", row.created},
            {"changed", row.changed},
            {"finished", row.finished.empty() ? Json(nullptr) : Json(row.finished)}};
}

Json status_json(RolloutStore& store, const RolloutRow& row, bool with_hosts) {
    Json json{{"schema", "patchlab/rollout-status/v1"},
              {"state", name(row.state)},
              {"reason", row.reason}};
    json.update(summary_json(row));
    const RolloutStore::Failures failures = store.failures(row.key);
    json["failed"] = failures.failed;
    json["disagree_with_lab"] = failures.disagree;
    json["history"] = history_json(store, row);
    json["evidence_digest"] = row.evidence_digest;
    json["plan_digest"] = row.plan_digest;
    Json totals = Json::object();
    const std::vector<RingRow> rings = store.rings(row.key);
    Json ring_items = rings_json(rings, store.counts(row.key), totals);
    json["counts"] = std::move(totals);
    json["rings"] = std::move(ring_items);
    const auto ring_name = [&](const HostRow& host) {
        return rings.at(static_cast<std::size_t>(host.ring)).name;
    };
    Json attention = Json::array();
    for (const HostRow& host : store.attention(row.key, most_named))
        attention.push_back(named_json(host, ring_name(host)));
    json["attention"] = std::move(attention);
    if (with_hosts) json["all_hosts"] = hosts_json(store, row, rings, {});
    return json;
}

Json report_json(RolloutStore& store, const RolloutRow& row, const HostsShown& shown) {
    Json json = status_json(store, row, false);
    const std::vector<RingRow> rings = store.rings(row.key);
    json["all_hosts"] = hosts_json(store, row, rings, shown);
    std::int64_t first = 0;
    for (std::size_t i = 0; i < rings.size() && shown.first_of_rings > 0; ++i) {
        json["rings"][i]["first_hosts"] =
            first_hosts_json(store, row, rings[i], first, shown.first_of_rings);
        first += rings[i].hosts;
    }
    json["schema"] = "patchlab/rollout-report/v1";
    const governance::Actor starter = starter_of(store, row);
    json["started_by"] = starter.user;
    json["started_by_os_user"] = starter.os_user;
    json["started_at"] = row.created;
    json["ended_at"] = row.finished.empty() ? Json(nullptr) : Json(row.finished);
    json["seconds"] =
        row.finished.empty()
            ? Json(nullptr)
            : Json(Seconds(from_rfc3339(row.finished) - from_rfc3339(row.created)).count());
    json["definition"] = row.source;
    json["definition_file"] = row.file;
    Json suites = Json::array();
    for (const auto& suite : suites_of_gate(row.gate))
        suites.push_back({{"name", suite.name}, {"checks", suite.checks.size()}});
    json["checks"] = std::move(suites);
    Json events = Json::array();
    for (const EventRow& event : store.events(row.key, 0, most_events))
        events.push_back({{"time", event.time},
                          {"kind", event.kind},
                          {"ring", event.ring},
                          {"host", event.host},
                          {"text", event.text}});
    json["events"] = std::move(events);
    return json;
}

}  // namespace patchlab::rollout
