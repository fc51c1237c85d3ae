// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/engine/session.hpp"

#include "orchestrator/rollout/gate/gate_suites.hpp"
#include "platform/core/error.hpp"

namespace patchlab::rollout {

Definition stored_definition(const RolloutRow& row) {
    Diagnostics found;
    Definition definition = parse_stored_definition(row.source, row.file, found);
    if (!found.ok())
        throw Error(ErrorCode::invalid, "the definition of rollout " + row.id +
                                            " is not usable: " + found.items.front().text());
    definition.folder = row.folder;
    for (notify::NotifyTarget& target : definition.notify)
        if (!target.secret_file.empty() && target.secret_file.is_relative())
            target.secret_file = definition.folder / target.secret_file;
    return definition;
}

Session::Session(EngineParts borrowed, RolloutRow rollout)
    : parts(std::move(borrowed)), row(std::move(rollout)) {
    definition = stored_definition(row);
    suites = suites_of_gate(row.gate);
    over_the_past = assessment::checks_over_the_past(suites);
    lab_passed = lab_passed_of_gate(row.gate);
    rings = parts.store.rings(row.key);
    if (rings.size() != definition.rings.size())
        throw Error(ErrorCode::internal,
                    "rollout " + row.id + " has other rings than its definition");
}

void Session::tell(const std::string& kind, const std::string& ring, const std::string& host,
                   const std::string& text) {
    // a log has a line for each event
    parts.store.tell(row.key, now(), kind, ring, host, in_one_line(text));
}

void Session::notice(notify::NoticeKind kind, const std::string& ring, const std::string& text,
                     Json details, const std::string& word) {
    tell(word.empty() ? std::string(name(kind)) : word, ring, "", text);
    std::string line = word;
    if (!word.empty() && !text.empty()) line += ": ";
    line += text;
    parts.notices.send({kind, row.id, row.entry, ring, line, std::move(details)});
}

Observations Session::carry(Step step, std::vector<HostOrder> orders, std::size_t concurrency,
                            std::optional<WatchedTime> watched) {
    Observations seen;
    if (orders.empty()) return seen;
    Order order;
    order.step = step;
    order.packages = parts.goods.names();
    order.suites = suites;
    order.concurrency = concurrency;
    order.watched = watched;
    order.deadline = step == Step::back_out ? definition.back_out : definition.install;
    std::set<std::string> asked;
    for (const HostOrder& host : orders) asked.insert(host.host);
    order.hosts = std::move(orders);
    parts.deployer.carry_out(order, [&](const std::string& host, const Observation& observation) {
        if (asked.contains(host)) seen.emplace(host, observation);
    });
    for (const std::string& host : asked) {
        Observation silent;
        silent.detail = "its end was not seen";
        seen.emplace(host, silent);
    }
    return seen;
}

Observations Session::inspect(const std::vector<HostRow>& hosts,
                              std::optional<WatchedTime> watched) {
    std::vector<HostOrder> orders;
    std::size_t concurrency = 1;
    for (const HostRow& host : hosts) {
        orders.push_back({host.name, {}, {}, false});
        concurrency = std::max(concurrency, ring_definition(host.ring).concurrency);
    }
    return carry(Step::inspect, std::move(orders), concurrency, watched);
}

void Session::save_one(HostRow& host) {
    std::vector<HostRow> one{host};
    save(one);
    host = one.front();
}

std::vector<std::vector<std::int64_t>> batches(const std::vector<OpenHost>& hosts,
                                               std::size_t size) {
    std::vector<std::vector<std::int64_t>> all;
    for (const OpenHost& host : hosts) {
        if (all.empty() || all.back().size() >= size) all.emplace_back();
        all.back().push_back(host.host);
    }
    return all;
}

std::string count_of(std::int64_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace patchlab::rollout
