// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/engine/host_work.hpp"

#include <algorithm>

namespace patchlab::rollout {

namespace {

/// A host that fell silent is looked at so often before it counts as lost, and so far apart: it may
/// be on its way up.
constexpr int looks = 3;
constexpr Seconds between_looks{30};
/// How often an installation is begun on one host: a second time only when its end was not seen.
constexpr int most_attempts = 2;

std::vector<HostRow> in_state(const std::vector<HostRow>& hosts, HostState state) {
    std::vector<HostRow> found;
    std::copy_if(hosts.begin(), hosts.end(), std::back_inserter(found),
                 [&](const HostRow& host) { return host.state == state; });
    return found;
}

/// Writes back what became of a part of them.
void merge(std::vector<HostRow>& all, const std::vector<HostRow>& part) {
    std::map<std::int64_t, const HostRow*> by_host;
    for (const HostRow& host : part) by_host[host.host] = &host;
    for (HostRow& host : all)
        if (const auto found = by_host.find(host.host); found != by_host.end())
            host = *found->second;
}

bool silent(const Observation& seen) {
    return seen.answer == Answer::unreachable || seen.answer == Answer::unknown || !seen.installed;
}

}  // namespace

void HostWork::report(const HostRow& host) {
    session_.tell("host-" + std::string(name(host.state)), ring_name(host), host.name, host.detail);
}

bool HostWork::expire(HostRow& host) {
    const Epoch now = to_epoch(session_.now());
    if (now < host.first_try + static_cast<Epoch>(session_.definition.catch_up_for.count()))
        return false;
    host.detail =
        std::string(host.state == HostState::following ? "did not take it from its channel"
                                                       : "was off") +
        " for the whole time to catch up" + (host.detail.empty() ? "" : ": " + host.detail);
    host.state = HostState::missed;
    return true;
}

/// Nothing was done: it is tried again, until its time is over.
void HostWork::off(HostRow& host, const std::string& why) {
    const Epoch now = to_epoch(session_.now());
    if (host.first_try == 0) {
        host.first_try = now;
        newly_off_.insert(host.host);
    }
    const Epoch end = host.first_try + static_cast<Epoch>(session_.definition.catch_up_for.count());
    host.next_try = std::min(
        now + std::max<Epoch>(1, static_cast<Epoch>(session_.definition.catch_up_every.count())),
        std::max(end, now + 1));
    host.state = HostState::offline;
    host.detail = why;
}

void HostWork::decide(HostRow& host, const Observation& seen) {
    if (seen.answer == Answer::done && seen.installed) {
        host.before = seen.installed;
        host.boot_before = seen.boot_id;
        host.baseline = assessment::baseline_of(seen.checks, session_.over_the_past);
    } else if (const auto told = session_.parts.store.report_of(host.name);
               told && session_.definition.mode == Mode::pull) {
        // nobody can reach it, and it speaks for itself: no check was seen, so it will prove
        // nothing
        host.before.emplace();
        for (const std::string& package : session_.parts.goods.names())
            if (const auto has = told->packages.find(package); has != told->packages.end())
                host.before->insert(*has);
        host.boot_before = told->boot_id;
        host.baseline = {};
    } else {
        return off(host,
                   seen.detail.empty() ? "what is installed could not be observed" : seen.detail);
    }
    const HostAction action =
        action_for(session_.parts.goods, *host.before, session_.definition.patch_without_way_back);
    if (action.kind != HostAction::Kind::install) {
        host.state =
            action.kind == HostAction::Kind::skip ? HostState::skipped : HostState::not_needed;
        host.detail = action.why;
        return;
    }
    if (const std::string ill = host.baseline.unhealthy(seen.checks);
        !ill.empty() && !session_.definition.patch_unhealthy) {
        host.state = HostState::skipped;
        host.detail = "unhealthy: " + ill;
        return;
    }
    if (!still_open_(host)) {
        host.state = HostState::planned;
        return;
    }
    host.detail.clear();
    if (session_.definition.mode == Mode::pull) {
        host.state = HostState::following;
        host.first_try = 0;  // counts from when its channel offers it
        host.next_try = to_epoch(session_.now());
        return;
    }
    host.state = HostState::installing;
    ++host.attempts;
}

std::vector<OpenHost> HostWork::forward(const std::vector<std::int64_t>& ids) {
    std::vector<HostRow> hosts = session_.load(ids);
    for (HostRow& host : hosts)
        if (!(host.state == HostState::offline && expire(host))) host.state = HostState::inspecting;
    session_.save(hosts);
    std::vector<HostRow> asked = in_state(hosts, HostState::inspecting);
    session_.meet("inspecting");
    const Observations seen = session_.inspect(asked);
    session_.meet("inspected");
    for (HostRow& host : asked) decide(host, seen.at(host.name));
    session_.save(asked);
    merge(hosts, asked);
    std::vector<HostRow> ready = in_state(hosts, HostState::installing);
    if (!ready.empty()) {
        install(ready);
        merge(hosts, ready);
    }
    return finish(hosts);
}

/// They are recorded as installing.
void HostWork::install(std::vector<HostRow>& hosts) {
    session_.meet("installing");
    std::vector<HostOrder> orders;
    std::size_t concurrency = 1;
    for (const HostRow& host : hosts) {
        orders.push_back({host.name,
                          packages_for(session_.parts.goods, *host.before),
                          {},
                          session_.parts.goods.reboot()});
        concurrency = std::max(concurrency, session_.ring_definition(host.ring).concurrency);
    }
    const Observations seen = session_.carry(Step::install, std::move(orders), concurrency);
    session_.meet("installed");
    std::vector<std::int64_t> unseen;
    for (HostRow& host : hosts) {
        const Observation& answer = seen.at(host.name);
        host.seconds = answer.seconds;
        host.outage_seconds = answer.outage_seconds;
        if (answer.answer == Answer::unreachable) off(host, answer.detail);
        else if (answer.answer == Answer::unknown) host.state = HostState::testing;
        else judge(host, answer);
        if (host.state == HostState::testing) unseen.push_back(host.host);
    }
    session_.save(hosts);
    session_.meet("judged");
    if (unseen.empty()) return;
    settle(unseen, true);
    merge(hosts, session_.load(unseen));
}

void HostWork::judge(HostRow& host, const Observation& seen) {
    host.after = seen.installed;
    host.boot_after = seen.boot_id;
    conclude(host, judge_installed(session_.parts.goods, *host.before, host.boot_before,
                                   host.baseline, seen, session_.lab_passed));
    if (!host.failed && !seen.held.empty())
        host.add_reason(seen.held +
                        ": on hold on this host; installed all the same, and still on hold");
    host.baseline.remember_history(seen.checks, session_.over_the_past);
}

void HostWork::conclude(HostRow& host, const Judgement& judgement) {
    host.proven = judgement.proven;
    host.state = judgement.passed() ? HostState::done : HostState::failed;
    host.detail = judgement.passed()
                      ? (judgement.proven ? "" : "installed, but no check proves that it works")
                      : judgement.text();
    if (judgement.passed()) return;
    host.failed = true;
    host.disagrees = judgement.disagrees();
}

/// What a host that may have been touched is found with.
void HostWork::found(HostRow& host, const Observation& seen, bool go_on, bool last_look) {
    if (silent(seen)) {
        if (!last_look) return;
        Judgement lost;
        lost.findings.push_back({"lost", "it fell silent after the installation was begun" +
                                             (seen.detail.empty() ? "" : ": " + seen.detail)});
        return conclude(host, lost);
    }
    const bool again = go_on && host.attempts < most_attempts;
    switch (reached(session_.parts.goods, *host.before, seen.installed)) {
        case Reached::unknown:
        case Reached::all: return judge(host, seen);
        case Reached::untouched:
            if (again) host.state = HostState::planned;
            else if (!go_on) host.state = HostState::not_reached;
            else judge(host, seen);
            return;
        case Reached::part:
            if (!again) return judge(host, seen);
            host.state = HostState::installing;
            ++host.attempts;
            return;
    }
}

std::vector<OpenHost> HostWork::settle(const std::vector<std::int64_t>& ids, bool go_on) {
    std::vector<HostRow> hosts = session_.load(ids);
    for (HostRow& host : hosts) host.state = HostState::testing;
    session_.save(hosts);
    for (int look = 1; look <= looks; ++look) {
        std::vector<HostRow> open = in_state(hosts, HostState::testing);
        if (open.empty()) break;
        if (look > 1) {
            const TimePoint until =
                session_.now() + std::chrono::duration_cast<TimePoint::duration>(between_looks);
            while (session_.now() < until) session_.parts.waiter.wait_until(until);
        }
        const Observations seen = session_.inspect(open);
        for (HostRow& host : open) found(host, seen.at(host.name), go_on, look == looks);
        session_.save(open);
        merge(hosts, open);
    }
    std::vector<HostRow> again = in_state(hosts, HostState::installing);
    if (!again.empty()) {
        install(again);
        merge(hosts, again);
    }
    return finish(hosts);
}

std::vector<OpenHost> HostWork::watch(const std::vector<std::int64_t>& ids) {
    std::vector<HostRow> hosts = session_.load(ids);
    const Observations seen = session_.inspect(hosts);
    const Epoch now = to_epoch(session_.now());
    for (HostRow& host : hosts) {
        const Observation& answer = seen.at(host.name);
        const auto told = session_.parts.store.report_of(host.name);
        if (host.first_try == 0) host.first_try = now;
        if (!silent(answer) &&
            reached(session_.parts.goods, *host.before, answer.installed) == Reached::all) {
            judge(host, answer);
        } else if (silent(answer) && told &&
                   reached(session_.parts.goods, *host.before, told->packages) == Reached::all) {
            host.after = told->packages;
            host.boot_after = told->boot_id;
            host.state = HostState::done;
            host.detail = told_by_itself;
        } else if (!expire(host)) {
            host.detail = silent(answer) ? answer.detail : "";
            host.next_try = std::max(
                now + 1,
                std::min(
                    now + static_cast<Epoch>(session_.definition.catch_up_every.count()),
                    host.first_try + static_cast<Epoch>(session_.definition.catch_up_for.count())));
        }
    }
    session_.save(hosts);
    session_.meet("judged");
    return finish(hosts);
}

void HostWork::soak(const std::vector<std::int64_t>& ids, const WatchedTime& watched) {
    std::vector<HostRow> hosts = session_.load(ids);
    const Observations seen = session_.inspect(hosts, watched);
    session_.meet("soaked");
    for (HostRow& host : hosts) {
        const Observation& answer = seen.at(host.name);
        host.soaked = true;
        if (silent(answer)) {
            host.proven = false;  // not the patch's fault, and no proof either
            host.detail = "did not answer at the end of the soak time";
            host.failed = session_.definition.silent_counts;
            continue;
        }
        host.vitals = answer.vitals;
        judge(host, answer);
        if (host.state == HostState::failed) host.detail = "while it was watched: " + host.detail;
    }
    session_.save(hosts);
    finish(hosts);
}

/// Tells what a person should know, takes failed hosts back, and gives those that are still open.
std::vector<OpenHost> HostWork::finish(std::vector<HostRow>& hosts) {
    std::vector<OpenHost> open;
    std::vector<HostRow> failed = in_state(hosts, HostState::failed);
    const auto worth_telling = [&](const HostRow& host) {
        return host.state == HostState::failed || host.state == HostState::skipped ||
               host.state == HostState::missed ||
               (host.state == HostState::offline && newly_off_.contains(host.host));
    };
    if (std::any_of(hosts.begin(), hosts.end(), worth_telling))
        session_.parts.store.database().transaction([&] {
            for (const HostRow& host : hosts)
                if (worth_telling(host)) report(host);
        });
    newly_off_.clear();
    if (!failed.empty()) back_.failed(failed);
    for (const HostRow& host : hosts)
        if (host.state == HostState::planned || host.state == HostState::offline ||
            host.state == HostState::following)
            open.push_back({host.host, host.ring, host.state, host.window, host.next_try});
    return open;
}

}  // namespace patchlab::rollout
