// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/engine/back_out.hpp"

#include <algorithm>

namespace patchlab::rollout {

namespace {

constexpr int attempts = 3;  ///< at a host that does not answer
constexpr Seconds between{30};

std::vector<HostRow> going_back(const std::vector<HostRow>& hosts) {
    std::vector<HostRow> found;
    std::copy_if(hosts.begin(), hosts.end(), std::back_inserter(found),
                 [](const HostRow& host) { return host.state == HostState::backing_out; });
    return found;
}

/// What the log tells: why a host failed stands there already.
std::string told_of(const HostRow& host) {
    if (host.state == HostState::backed_out) return "has its versions from before";
    const std::size_t last = host.detail.rfind('\n');
    return last == std::string::npos ? host.detail : host.detail.substr(last + 1);
}

}  // namespace

void BackOut::report(const std::vector<HostRow>& hosts) {
    session_.parts.store.database().transaction([&] {
        for (const HostRow& host : hosts)
            if (host.state == HostState::backed_out || host.state == HostState::back_out_failed)
                session_.tell("host-" + std::string(name(host.state)),
                              session_.rings.at(static_cast<std::size_t>(host.ring)).name,
                              host.name, told_of(host));
    });
}

void BackOut::failed(std::vector<HostRow>& hosts) {
    if (session_.definition.mode == Mode::push) return push_back(hosts);
    for (HostRow& host : hosts) {
        host.state = HostState::back_out_failed;
        host.detail += "; it follows its channel, which goes back only as a whole";
    }
    session_.save(hosts);
    report(hosts);
}

void BackOut::batch(const std::vector<std::int64_t>& ids) {
    std::vector<HostRow> hosts = session_.load(ids);
    if (session_.definition.mode == Mode::pull) return wait_for(std::move(hosts));
    look_first(hosts);
    push_back(hosts);
}

/// Since the patch was put on, days may have passed: what others left in the journal meanwhile is
/// not the way back's doing.
void BackOut::look_first(std::vector<HostRow>& hosts) {
    if (session_.over_the_past.empty()) return;
    const Observations seen = session_.inspect(hosts);
    for (HostRow& host : hosts)
        host.baseline.remember_history(seen.at(host.name).checks, session_.over_the_past);
}

void BackOut::all(const std::vector<OpenHost>& hosts, std::size_t concurrency) {
    const std::size_t size = session_.definition.mode == Mode::push
                                 ? concurrency
                                 : std::max<std::size_t>(hosts.size(), 1);
    for (const auto& ids : batches(hosts, size)) batch(ids);
}

/// True when it is known what became of the host.
bool BackOut::judge(HostRow& host, const Observation& seen, bool last) {
    const bool answered = seen.answer == Answer::done || seen.answer == Answer::failed;
    if (!answered && !last) return false;
    const Judgement judgement =
        judge_backed_out(session_.parts.goods, *host.before, {host.boot_before, host.boot_after},
                         host.baseline, seen);
    host.after = seen.installed;
    host.boot_after = seen.boot_id;
    host.proven = false;
    host.state = judgement.passed() ? HostState::backed_out : HostState::back_out_failed;
    if (!judgement.passed()) host.add_reason("the way back failed: " + judgement.text());
    return true;
}

void BackOut::push_back(std::vector<HostRow>& hosts) {
    std::map<std::int64_t, HostOrder> orders;
    for (HostRow& host : hosts) {
        const Goods& goods = session_.parts.goods;
        assessment::BackoutPlan plan;
        std::string obstacle = "its versions from before are not known";
        if (host.before) {
            plan = backout_plan_of(goods, *host.before);
            obstacle = plan.obstacle();
        }
        if (!obstacle.empty()) {
            host.state = HostState::back_out_failed;
            host.add_reason("there is no exact way back: " + obstacle);
            continue;
        }
        host.state = HostState::backing_out;
        orders[host.host] = {host.name, packages_of(goods, plan), plan.removals, goods.reboot()};
    }
    session_.save(hosts);
    session_.meet("backing-out");
    std::vector<HostRow> done;
    for (int attempt = 1; attempt <= attempts; ++attempt) {
        std::vector<HostRow> open = going_back(hosts);
        if (open.empty()) break;
        if (attempt > 1) {
            const TimePoint until =
                session_.now() + std::chrono::duration_cast<TimePoint::duration>(between);
            while (session_.now() < until) session_.parts.waiter.wait_until(until);
        }
        std::vector<HostOrder> now;
        std::size_t concurrency = 1;
        for (const HostRow& host : open) {
            now.push_back(orders.at(host.host));
            concurrency = std::max(concurrency, session_.ring_definition(host.ring).concurrency);
        }
        const Observations seen = session_.carry(Step::back_out, std::move(now), concurrency);
        session_.meet("backed-out");
        for (HostRow& host : hosts)
            if (host.state == HostState::backing_out)
                judge(host, seen.at(host.name), attempt == attempts);
        session_.save(hosts);
    }
    report(hosts);
}

/// A host that nobody can reach says that it has its old versions again. A report from before it
/// was to go back tells nothing of that.
bool BackOut::says_it_is_back(HostRow& host, Epoch since) {
    const auto told = session_.parts.store.report_of(host.name);
    if (!told || to_epoch(from_rfc3339(told->received)) < since) return false;
    if (reached(session_.parts.goods, *host.before, told->packages) != Reached::untouched)
        return false;
    host.after = told->packages;
    host.boot_after = told->boot_id;
    host.proven = false;
    host.state = HostState::backed_out;
    if (!host.failed) host.detail.clear();
    host.add_reason("back " + std::string(told_by_itself));
    return true;
}

/// The channel offers the old versions: who follows it comes back by itself.
void BackOut::wait_for(std::vector<HostRow> hosts) {
    std::map<std::int64_t, Epoch>
        since;  // when it failed, or was asked to go back: before its channel changed
    for (HostRow& host : hosts) {
        since[host.host] = host.changed;
        host.state = host.before ? HostState::backing_out : HostState::back_out_failed;
    }
    session_.save(hosts);
    session_.meet("backing-out");
    const TimePoint end = session_.now() + std::chrono::duration_cast<TimePoint::duration>(
                                               session_.definition.catch_up_for);
    for (;;) {
        std::vector<HostRow> open = going_back(hosts);
        if (open.empty()) break;
        const bool last = session_.now() >= end;
        const Observations seen = session_.inspect(open);
        for (HostRow& host : hosts) {
            if (host.state != HostState::backing_out) continue;
            const Observation& answer = seen.at(host.name);
            if (!answer.installed && says_it_is_back(host, since.at(host.host))) continue;
            const bool back = answer.installed && reached(session_.parts.goods, *host.before,
                                                          answer.installed) == Reached::untouched;
            if (back || last) judge(host, answer, true);
        }
        session_.save(hosts);
        if (last || going_back(hosts).empty()) break;
        const TimePoint until =
            std::min(end, session_.now() + std::chrono::duration_cast<TimePoint::duration>(
                                               session_.definition.catch_up_every));
        while (session_.now() < until) session_.parts.waiter.wait_until(until);
    }
    report(hosts);
}

}  // namespace patchlab::rollout
