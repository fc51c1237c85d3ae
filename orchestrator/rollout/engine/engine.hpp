// SPDX-License-Identifier: Apache-2.0
//
// Drives one rollout: ring by ring, batch by batch, until it is finished, paused or over. It may be
// killed at any moment: a new engine goes on from the store (states.hpp says where). Whoever makes
// one holds the rollout's lock (RolloutFolder), so that one process drives.
//   forward   verify the chain → ring → batches → proof → soak → next ring → catch up
//   halt      quarantine, take failed hosts back, leave the rest
//   back out  every patched host, last ring first
// Thread safety: one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "orchestrator/rollout/engine/back_out.hpp"
#include "orchestrator/rollout/engine/host_work.hpp"
#include "orchestrator/rollout/engine/session.hpp"
#include "orchestrator/rollout/plan/schedule.hpp"

namespace patchlab::rollout {

/// What a ring proved. Hosts that did not need the entry are not counted.
struct Proof {
    std::int64_t hosts = 0;
    std::int64_t proven = 0;
    bool enough(double percent) const {
        return hosts == 0 ||
               static_cast<double>(proven) * 100 + 1e-9 >= percent * static_cast<double>(hosts);
    }
};
Proof proof_of(const std::vector<HostCount>& ring);

class Engine {
  public:
    Engine(EngineParts parts, RolloutRow row);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Does what the state of the rollout asks for. Gives the state it ends in: paused, or one that
    /// is over. Error(lab) when the tool of the deployer fails: the rollout stays where it is, and
    /// goes on when it is driven again. `ignore_windows`: for the way back.
    RolloutState drive(bool ignore_windows = false);
    const RolloutRow& row() const { return session_.row; }

  private:
    RolloutState go_forward();
    RolloutState settle_halt();
    RolloutState settle_abort();
    RolloutState go_back(bool ignore_windows);
    void take_entry_back();

    bool begin();  ///< verifies, and takes up what a crash left
    void recover(bool go_on);
    bool run_ring(RingRow& ring);  ///< false: the rollout does not go on
    bool begin_ring(RingRow& ring);
    bool patch_ring(RingRow& ring);
    bool soak_ring(RingRow& ring);
    bool pass(RingRow& ring, bool watched);  ///< false: paused by what rose meanwhile
    std::string rise_in(const RingRow& ring);
    WatchedTime watched_time(const RingRow& ring) const;
    bool publish(RingRow& ring);
    bool catch_up();
    bool may_go_on();  ///< what was asked, whether the entry is still offered, and how much failed
    bool verified();
    bool prove(RingRow& ring);
    void halt(const std::string& reason, const Json& details = Json::object());
    void obey(const RequestRow& request);
    void leave(const std::string& why);

    bool work(int ring);  ///< one batch of what is due now; false: nothing is
    void keep(const std::vector<OpenHost>& hosts);
    bool due();
    std::optional<TimePoint> next_moment(int ring);
    bool wait(int ring, std::optional<TimePoint> until = {});
    bool pending(int ring) { return pending_[ring] > 0; }
    Schedule& schedule(int ring);

    Session session_;
    BackOut back_;
    HostWork hosts_;
    std::map<int, Schedule> schedules_;
    std::multimap<Epoch, OpenHost>
        later_;  ///< hosts that were off, or follow their channel: when they are looked at again
    std::map<int, std::int64_t> pending_;    ///< how many of each ring are in later_
    std::map<int, std::int64_t> following_;  ///< of these: that follow their channel
    std::vector<OpenHost>
        held_;  ///< (pull) that will follow a channel which does not offer the entry yet
};

}  // namespace patchlab::rollout
