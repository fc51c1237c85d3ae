// SPDX-License-Identifier: Apache-2.0
//
// The way forward: rings in order, and what is due in between.
#include "orchestrator/rollout/engine/engine.hpp"

#include <algorithm>
#include <utility>

#include "platform/core/error.hpp"

namespace patchlab::rollout {

namespace {

bool is_stopped(RolloutState state) {
    return state != RolloutState::running && state != RolloutState::catching_up;
}

}  // namespace

Proof proof_of(const std::vector<HostCount>& ring) {
    Proof proof;
    for (const HostCount& count : ring) {
        if (count.state == HostState::not_needed) continue;
        proof.hosts += count.count;
        if (count.state == HostState::done && count.proven) proof.proven += count.count;
    }
    return proof;
}

Engine::Engine(EngineParts parts, RolloutRow row)
    : session_(std::move(parts), std::move(row)),
      back_(session_),
      hosts_(session_, back_, [this](const HostRow& host) {
          return schedule(host.ring).open(host.window, session_.now());
      }) {}

RolloutState Engine::drive(bool ignore_windows) {
    switch (resume_point(session_.row.state)) {
        case Duty::go_forward: return go_forward();
        case Duty::settle_halt: return settle_halt();
        case Duty::settle_abort: return settle_abort();
        case Duty::go_back: return go_back(ignore_windows);
        case Duty::nothing: break;
    }
    return session_.row.state;
}

RolloutState Engine::go_forward() {
    if (!begin()) return session_.row.state;
    for (RingRow& ring : session_.rings)
        if (ring.state != RingState::passed && !run_ring(ring)) return session_.row.state;
    if (!catch_up()) return session_.row.state;
    const RolloutStore::Failures failures = session_.parts.store.failures(session_.row.key);
    const std::string text =
        failures.failed ? count_of(failures.failed, "failed host") + ", within the budget" : "";
    session_.parts.authority.record(
        session_.actor(), "rollout-finished", session_.row.id,
        {{"entry", session_.row.entry}, {"failed", failures.failed}}, [&] {
            session_.parts.store.move(session_.row, RolloutState::finished, text, session_.now());
        });
    session_.notice(notify::NoticeKind::finished, "", text, {{"failed", failures.failed}},
                    "finished");
    return session_.row.state;
}

bool Engine::begin() {
    if (session_.row.state == RolloutState::planned)
        session_.parts.store.move(session_.row, RolloutState::running, "", session_.now());
    if (!may_go_on() || !verified()) return false;
    session_.meet("verified");
    recover(true);
    keep(session_.parts.store.hosts_in(session_.row.key, -1,
                                       {HostState::offline, HostState::following}));
    for (const RingRow& ring : session_.rings)  // hosts that were being caught up
        if (ring.state == RingState::passed)
            keep(session_.parts.store.hosts_in(session_.row.key, ring.ring, {HostState::planned}));
    return may_go_on();
}

/// What a process that is gone left half done.
void Engine::recover(bool go_on) {
    RolloutStore& store = session_.parts.store;
    store.database().transaction([&] {
        store.move_all(session_.row.key, {HostState::inspecting},
                       resume_point(HostState::inspecting), "", session_.now());
    });
    constexpr std::size_t at_once = 100;
    const std::vector<OpenHost> back =
        store.hosts_in(session_.row.key, -1, {HostState::failed, HostState::backing_out});
    for (const auto& ids :
         batches(store.hosts_in(session_.row.key, -1, {HostState::installing, HostState::testing}),
                 at_once)) {
        session_.tell("resumed", "", "",
                      count_of(static_cast<std::int64_t>(ids.size()), "host") +
                          " may have been touched: looked at first");
        hosts_.settle(ids,
                      go_on);  // what is open afterwards is read from the store, as everything else
    }
    if (go_on && session_.definition.mode == Mode::push) back_.all(back, at_once);
}

bool Engine::verified() {
    const auto refusals = session_.parts.authority.verify(session_.row.entry);
    if (refusals.empty()) return true;
    std::string text;
    Json reasons = Json::array();
    for (const catalog::Refusal& refusal : refusals) {
        text += (text.empty() ? "" : "; ") + refusal.text();
        reasons.push_back(refusal.text());
    }
    halt("the entry may not be deployed any more: " + text, {{"refusals", reasons}});
    return false;
}

bool Engine::may_go_on() {
    if (is_stopped(session_.row.state)) return false;
    if (const auto request = session_.parts.store.asked(session_.row.key)) {
        obey(*request);
        return false;
    }
    if (const std::string why = session_.parts.authority.not_offered(session_.row.entry);
        !why.empty()) {
        halt(why);
        return false;
    }
    const RolloutStore::Failures failures = session_.parts.store.failures(session_.row.key);
    if (failures.disagree > 0 && session_.definition.halt_on_disagreement) {
        halt("lab and production disagree on " + count_of(failures.disagree, "host") +
                 ": checks that passed in the lab fail with the patch",
             {{"failed", failures.failed}, {"disagree", failures.disagree}});
        return false;
    }
    if (failures.failed > session_.row.may_fail) {
        halt(count_of(failures.failed, "host") + " failed, and " +
                 std::to_string(session_.row.may_fail) + " may",
             {{"failed", failures.failed}, {"may_fail", session_.row.may_fail}});
        return false;
    }
    return true;
}

bool Engine::run_ring(RingRow& ring) {
    if (ring.state == RingState::waiting && !begin_ring(ring)) return false;
    Schedule& open = schedule(ring.ring);
    for (const OpenHost& host :
         session_.parts.store.hosts_in(session_.row.key, ring.ring, {HostState::planned}))
        open.add(host.host, host.window);
    if (ring.state != RingState::soaking && ring.state != RingState::testing && !patch_ring(ring))
        return false;
    const bool watched = ring.state == RingState::soaking || ring.state == RingState::testing;
    if (watched && !soak_ring(ring)) return false;
    if (ring.state == RingState::running || ring.state == RingState::testing)
        return pass(ring, watched);
    return true;
}

bool Engine::begin_ring(RingRow& ring) {
    if (!may_go_on() || !verified()) return false;
    session_.move_ring(ring, RingState::running);
    session_.meet("ring-begun");
    session_.notice(notify::NoticeKind::ring_started, ring.name,
                    "ring '" + ring.name + "' starts: " + count_of(ring.hosts, "host"),
                    {{"hosts", ring.hosts}});
    return true;
}

/// Until every host of the ring that can be reached is through, and enough of them prove something.
bool Engine::patch_ring(RingRow& ring) {
    if (ring.state != RingState::running) session_.move_ring(ring, resume_point(ring.state));
    while (may_go_on()) {
        if (due() && ring.state != RingState::running) session_.move_ring(ring, RingState::running);
        if (work(ring.ring)) continue;
        if (!schedule(ring.ring).empty()) {
            const auto next = schedule(ring.ring).next(session_.now());
            if (ring.state == RingState::running && next)
                session_.move_ring(ring, RingState::waiting_window, to_rfc3339(*next));
            if (!wait(ring.ring))
                return halt("no window of ring '" + ring.name + "' opens any more"), false;
            session_.move_ring(ring, RingState::running);
            continue;
        }
        if (!publish(ring)) return false;
        if (due()) continue;
        if (following_[ring.ring] == 0 &&
            proof_of(session_.parts.store.counts_of_ring(session_.row.key, ring.ring))
                .enough(session_.definition.proof)) {
            const bool to_watch =
                !session_.parts.store.unsoaked(session_.row.key, ring.ring).empty();
            if (session_.ring_definition(ring.ring).soak.count() <= 0 || !to_watch)
                return session_.move_ring(ring, RingState::running), true;
            ring.soak_until = to_epoch(session_.now()) +
                              static_cast<Epoch>(session_.ring_definition(ring.ring).soak.count());
            session_.move_ring(ring, RingState::soaking);
            session_.meet("soaking");
            return true;
        }
        if (!pending(ring.ring)) return prove(ring);
        if (ring.state == RingState::running) session_.move_ring(ring, RingState::waiting_proof);
        wait(ring.ring);
    }
    return false;
}

/// False, and halted, when the ring proves too little.
bool Engine::prove(RingRow& ring) {
    const Proof proof = proof_of(session_.parts.store.counts_of_ring(session_.row.key, ring.ring));
    if (proof.enough(session_.definition.proof)) return true;
    halt("ring '" + ring.name + "' proves too little: " + std::to_string(proof.proven) + " of " +
             count_of(proof.hosts, "host") + " are proven to work, and " +
             Json(session_.definition.proof).dump() + " percent must be",
         {{"proven", proof.proven}, {"hosts", proof.hosts}});
    return false;
}

bool Engine::publish(RingRow& ring) {
    if (session_.definition.mode != Mode::pull || ring.published) return true;
    if (!verified()) return false;
    session_.parts.authority.offer(session_.actor(), session_.row.entry,
                                   session_.ring_definition(ring.ring).channel);
    ring.published = true;
    session_.parts.store.save_ring(session_.row.key, ring);
    session_.tell("published", ring.name, "",
                  "channel " + session_.ring_definition(ring.ring).channel + " offers the entry");
    keep(std::exchange(held_, {}));
    return true;
}

bool Engine::soak_ring(RingRow& ring) {
    while (ring.state == RingState::soaking) {
        if (!may_go_on()) return false;
        if (work(ring.ring)) continue;
        const TimePoint until = from_epoch(ring.soak_until);
        if (session_.now() >= until) session_.move_ring(ring, RingState::testing);
        else wait(ring.ring, until);
    }
    for (const auto& ids : batches(session_.parts.store.unsoaked(session_.row.key, ring.ring),
                                   session_.ring_definition(ring.ring).concurrency)) {
        if (!may_go_on()) return false;
        hosts_.soak(ids, watched_time(ring));
    }
    return may_go_on() && prove(ring);
}

bool Engine::catch_up() {
    // hosts that came back between two rings and wait for their window are caught up as well
    const auto open = [&] {
        return !later_.empty() || std::any_of(schedules_.begin(), schedules_.end(),
                                              [](const auto& one) { return !one.second.empty(); });
    };
    const int last = static_cast<int>(session_.rings.size()) - 1;
    while (open()) {
        if (session_.row.state == RolloutState::running) {
            session_.parts.store.move(
                session_.row, RolloutState::catching_up,
                count_of(
                    static_cast<std::int64_t>(session_.parts.store
                                                  .hosts_in(session_.row.key, -1,
                                                            {HostState::planned, HostState::offline,
                                                             HostState::following})
                                                  .size()),
                    "host") +
                    " to be caught up",
                session_.now());
            session_.tell("catching-up", "", "", session_.row.reason);
        }
        if (!may_go_on()) return false;
        if (due() && !verified()) return false;
        if (work(last) || wait(last)) continue;
        session_.parts.store.database().transaction([&] {
            session_.parts.store.move_all(
                session_.row.key, {HostState::planned, HostState::offline}, HostState::missed,
                "no window opens for it any more", session_.now());
        });
        break;
    }
    return may_go_on();
}

bool Engine::work(int ring) {
    const TimePoint now = session_.now();
    const std::size_t at_once = session_.ring_definition(ring).concurrency;
    std::vector<std::int64_t> watched, ready;
    while (!later_.empty() && later_.begin()->first <= to_epoch(now) && watched.size() < at_once) {
        const OpenHost host = later_.begin()->second;
        later_.erase(later_.begin());
        --pending_[host.ring];
        if (host.state == HostState::following) --following_[host.ring];
        if (host.state == HostState::following) watched.push_back(host.host);
        else schedule(host.ring).add(host.host, host.window);
    }
    for (auto& [number, open] : schedules_)
        if (number <= ring && ready.size() < at_once)
            for (const std::int64_t host : open.take(now, at_once - ready.size()))
                ready.push_back(host);
    if (watched.empty() && ready.empty()) return false;
    if (!watched.empty()) keep(hosts_.watch(watched));
    if (!ready.empty()) keep(hosts_.forward(ready));
    return true;
}

void Engine::keep(const std::vector<OpenHost>& hosts) {
    for (const OpenHost& host : hosts) {
        if (host.state == HostState::planned) {
            schedule(host.ring).add(host.host, host.window);
            continue;
        }
        if (host.state == HostState::following &&
            !session_.rings.at(static_cast<std::size_t>(host.ring)).published) {
            held_.push_back(host);
            continue;
        }
        later_.emplace(host.next_try, host);
        ++pending_[host.ring];
        if (host.state == HostState::following) ++following_[host.ring];
    }
}

bool Engine::due() { return !later_.empty() && later_.begin()->first <= to_epoch(session_.now()); }

std::optional<TimePoint> Engine::next_moment(int ring) {
    std::optional<TimePoint> soonest;
    const auto consider = [&](std::optional<TimePoint> time) {
        if (time && (!soonest || *time < *soonest)) soonest = time;
    };
    for (auto& [number, open] : schedules_)
        if (number <= ring) consider(open.next(session_.now()));
    if (!later_.empty()) consider(from_epoch(later_.begin()->first));
    return soonest;
}

/// False: there is nothing to wait for.
bool Engine::wait(int ring, std::optional<TimePoint> until) {
    const auto next = next_moment(ring);
    if (next && (!until || *next < *until)) until = next;
    if (!until) return false;
    if (*until > session_.now()) session_.parts.waiter.wait_until(*until);
    return true;
}

Schedule& Engine::schedule(int ring) {
    const auto found = schedules_.find(ring);
    if (found != schedules_.end()) return found->second;
    return schedules_
        .emplace(ring,
                 Schedule([this, ring](
                              const std::string& window) { return session_.windows(ring, window); },
                          session_.definition.needed()))
        .first->second;
}

}  // namespace patchlab::rollout
