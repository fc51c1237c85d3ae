// SPDX-License-Identifier: Apache-2.0
//
// How a rollout ends before it is through: halted by what was found, stopped by a person, or taken
// back.
#include <algorithm>

#include "orchestrator/rollout/engine/engine.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::rollout {

namespace {

constexpr std::size_t at_once =
    100;  ///< hosts that are looked at together, where no ring says how many

}  // namespace

/// Stored and in the audit trail before anything is done about it.
void Engine::halt(const std::string& reason, const Json& details) {
    Json detail{{"entry", session_.row.entry}, {"reason", reason}};
    detail.update(details);
    session_.parts.authority.record(
        session_.actor(), "rollout-halted", session_.row.id, detail, [&] {
            session_.parts.store.move(session_.row, RolloutState::halting, reason, session_.now());
            for (RingRow& ring : session_.rings)
                if (ring.state != RingState::waiting && ring.state != RingState::passed)
                    session_.move_ring(ring, RingState::failed, reason);
            session_.tell("halting", "", "", reason);
        });
    session_.meet("halting");
    settle_halt();
}

RolloutState Engine::settle_halt() {
    RolloutStore& store = session_.parts.store;
    const std::string reason = session_.row.reason;
    recover(false);
    const RolloutStore::Failures failures = store.failures(session_.row.key);
    const bool pull = session_.definition.mode == Mode::pull;
    std::string quarantine;
    if (failures.disagree > 0 || (pull && failures.failed > 0)) {
        try {
            quarantine = session_.parts.authority.quarantine(
                session_.actor(), session_.row.entry, "rollout " + session_.row.id + ": " + reason);
        } catch (const Error& error) {
            quarantine =
                std::string("the entry could not be taken out of every channel: ") + error.what();
            log_error(quarantine);
        }
        session_.tell("quarantine", "", "", quarantine);
        session_.meet("quarantined");
    }
    leave("the rollout halted before its turn");
    if (pull)
        back_.all(
            store.hosts_in(session_.row.key, -1,
                           {HostState::failed, HostState::backing_out, HostState::back_out_failed}),
            at_once);
    else
        back_.all(store.hosts_in(session_.row.key, -1, {HostState::failed, HostState::backing_out}),
                  at_once);
    session_.meet("settled");
    store.move(session_.row, RolloutState::halted, reason, session_.now());
    session_.notice(
        notify::NoticeKind::halted, "", reason + (quarantine.empty() ? "" : "; " + quarantine),
        {{"reason", reason}, {"failed", failures.failed}, {"disagree", failures.disagree}},
        "halted");
    return session_.row.state;
}

/// Hosts that were not begun stay as they are, for good.
void Engine::leave(const std::string& why) {
    RolloutStore& store = session_.parts.store;
    store.database().transaction([&] {
        store.move_all(
            session_.row.key,
            {HostState::planned, HostState::inspecting, HostState::offline, HostState::following},
            HostState::not_reached, why, session_.now());
    });
}

void Engine::obey(const RequestRow& request) {
    const bool abort = request.what == "abort";
    const std::string reason = std::string(abort ? "aborted" : "paused") + " by " + request.actor;
    session_.parts.store.database().transaction([&] {
        session_.parts.store.move(session_.row,
                                  abort ? RolloutState::aborting : RolloutState::paused, reason,
                                  session_.now());
        session_.parts.store.forget_requests(session_.row.key);
        session_.tell(abort ? "aborting" : "paused", "", "", reason);
    });
    if (abort) settle_abort();
}

RolloutState Engine::settle_abort() {
    const std::string reason = session_.row.reason;
    recover(false);
    leave("the rollout was aborted before its turn");
    back_.all(session_.parts.store.hosts_in(session_.row.key, -1,
                                            {HostState::failed, HostState::backing_out}),
              at_once);
    session_.meet("settled");
    session_.parts.store.database().transaction([&] {
        for (RingRow& ring : session_.rings)
            if (ring.state != RingState::waiting && ring.state != RingState::passed)
                session_.move_ring(ring, RingState::failed, reason);
        session_.parts.store.move(session_.row, RolloutState::aborted, reason, session_.now());
        session_.tell("aborted", "", "", reason);
    });
    return session_.row.state;
}

/// A channel goes back only as a whole. Where every host went well, nothing speaks against the
/// entry.
void Engine::take_entry_back() {
    const std::string why = "rollout " + session_.row.id + " goes back: " + session_.row.reason;
    const RolloutStore::Failures failures = session_.parts.store.failures(session_.row.key);
    const bool healthy = failures.failed == 0 && failures.disagree == 0;
    Authority& authority = session_.parts.authority;
    const std::string done = healthy
                                 ? authority.recall(session_.actor(), session_.row.entry, why)
                                 : authority.quarantine(session_.actor(), session_.row.entry, why);
    session_.tell(healthy ? "recall" : "quarantine", "", "", done);
}

/// Last ring first. The chain is not verified: the way back must be open always.
RolloutState Engine::go_back(bool ignore_windows) {
    RolloutStore& store = session_.parts.store;
    if (session_.definition.mode == Mode::pull) take_entry_back();
    for (std::size_t left = session_.rings.size(); left-- > 0;) {
        const int ring = static_cast<int>(left);
        Schedule open(
            [this, ring, ignore_windows](const std::string& window) {
                return ignore_windows ? std::vector<const assessment::Window*>{}
                                      : session_.windows(ring, window);
            },
            session_.definition.back_out);
        for (const OpenHost& host :
             store.hosts_in(session_.row.key, ring, {HostState::failed, HostState::backing_out}))
            open.add(host.host, host.window);
        if (open.empty()) continue;
        session_.tell("ring-backing-out", session_.rings[left].name, "",
                      "ring '" + session_.rings[left].name + "' goes back");
        const std::size_t size = session_.definition.mode == Mode::pull
                                     ? 1'000'000
                                     : session_.ring_definition(ring).concurrency;
        while (!open.empty()) {
            const auto ids = open.take(session_.now(), size);
            if (!ids.empty()) {
                back_.batch(ids);
                continue;
            }
            const auto next = open.next(session_.now());
            if (!next)
                throw Error(ErrorCode::refused,
                            "no window opens any more for the hosts of ring '" +
                                session_.rings[left].name + "'",
                            "go back at once with: patchlab rollout back-out " + session_.row.id +
                                " --now");
            session_.parts.waiter.wait_until(*next);
        }
    }
    const std::int64_t failed = static_cast<std::int64_t>(
        store.hosts_in(session_.row.key, -1, {HostState::back_out_failed}).size());
    const std::string text =
        failed ? count_of(failed, "host") + " did not go back: a person must look at them"
               : "every patched host has its versions from before";
    store.move(session_.row, RolloutState::backed_out, text, session_.now());
    session_.notice(notify::NoticeKind::finished, "", text, {{"failed", failed}}, "backed-out");
    return session_.row.state;
}

}  // namespace patchlab::rollout
