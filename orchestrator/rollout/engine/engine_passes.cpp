// SPDX-License-Identifier: Apache-2.0
//
// How a ring passes: what its hosts' journals said while it was watched, and whether a person must
// look at it before the next ring begins.
#include <algorithm>

#include "orchestrator/rollout/engine/engine.hpp"

namespace patchlab::rollout {

/// As of now: the host counts back from its own clock.
WatchedTime Engine::watched_time(const RingRow& ring) const {
    const Seconds soak = session_.ring_definition(ring.ring).soak;
    const Epoch now = to_epoch(session_.now());
    const Epoch since = ring.soak_until - static_cast<Epoch>(soak.count());
    return {Seconds(static_cast<double>(std::max<Epoch>(0, now - ring.started))),
            Seconds(static_cast<double>(std::max<Epoch>(1, now - since)))};
}

/// What rose clear of the hosts' own day before; empty: nothing. What could not be compared is
/// told, and is no reason to stop.
std::string Engine::rise_in(const RingRow& ring) {
    const auto hosts = session_.parts.store.vitals(session_.row.key, ring.ring);
    const auto unknown = std::count_if(hosts.begin(), hosts.end(), [](const auto& host) {
        return !assessment::comparable(host.second);
    });
    if (unknown > 0)
        session_.tell("not-compared", ring.name, "",
                      count_of(unknown, "host") +
                          ": the journal does not reach back far enough to compare with");
    std::string text;
    for (const assessment::Rise& rise : assessment::clear_rises(hosts))
        text += (text.empty() ? "" : "; ") + rise.text();
    return text;
}

/// The ring has passed its checks, so that whoever resumes the rollout goes on with the next one.
bool Engine::pass(RingRow& ring, bool watched) {
    const std::string rise = watched ? rise_in(ring) : "";
    const bool pauses = !rise.empty() && session_.definition.pause_on_rise;
    const std::string why = "while ring '" + ring.name + "' was watched: " + rise;
    const auto change = [&] {
        session_.move_ring(ring, RingState::passed);
        if (pauses)
            session_.parts.store.move(session_.row, RolloutState::paused, why, session_.now());
    };
    if (pauses)
        session_.parts.authority.record(session_.actor(), "rollout-paused", session_.row.id,
                                        {{"entry", session_.row.entry}, {"reason", why}}, change);
    else session_.parts.store.database().transaction(change);
    session_.meet("ring-passed");
    const Proof proof = proof_of(session_.parts.store.counts_of_ring(session_.row.key, ring.ring));
    session_.notice(notify::NoticeKind::ring_finished, ring.name,
                    "ring '" + ring.name + "' passed: " + std::to_string(proof.proven) + " of " +
                        count_of(proof.hosts, "host") + " proven",
                    {{"proven", proof.proven}, {"hosts", proof.hosts}});
    if (!pauses) {
        if (!rise.empty()) session_.tell("rise", ring.name, "", why);
        return true;
    }
    session_.notice(notify::NoticeKind::paused, ring.name, why, {{"reason", why}}, "paused");
    return false;
}

}  // namespace patchlab::rollout
