// SPDX-License-Identifier: Apache-2.0
//
// What is done with one batch of hosts on the way forward: look, decide, install, judge. The state
// of every host is stored before anything is asked of it, and what became of it as soon as all of
// the batch have answered. Whatever fails goes back at once. Thread safety: one thread.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "orchestrator/rollout/engine/back_out.hpp"
#include "orchestrator/rollout/engine/session.hpp"

namespace patchlab::rollout {

class HostWork {
  public:
    /// `still_open`: whether the windows of a host hold long enough to start now.
    HostWork(Session& session, BackOut& back, std::function<bool(const HostRow&)> still_open)
        : session_(session), back_(back), still_open_(std::move(still_open)) {}

    /// Hosts that are planned or offline. Gives those that something is still to be done with
    /// later.
    std::vector<OpenHost> forward(const std::vector<std::int64_t>& hosts);
    /// Hosts that may have been touched (state testing): looked at until it is known how far they
    /// came, then completed or judged. `go_on`: false when the rollout ends, and nothing new is to
    /// be begun.
    std::vector<OpenHost> settle(const std::vector<std::int64_t>& hosts, bool go_on);
    /// (pull) Hosts that follow their channel: whether they have it by now.
    std::vector<OpenHost> watch(const std::vector<std::int64_t>& hosts);
    /// The checks of hosts that are done, once more at the end of the soak time, and what their
    /// journals say of it.
    void soak(const std::vector<std::int64_t>& hosts, const WatchedTime& watched);

    /// When a host that was off is tried again; at the end of its time to catch up it is missed.
    bool expire(HostRow& host);

  private:
    void decide(HostRow& host, const Observation& seen);
    void off(HostRow& host, const std::string& why);
    void install(std::vector<HostRow>& hosts);
    void judge(HostRow& host, const Observation& seen);
    void conclude(HostRow& host, const Judgement& judgement);
    void found(HostRow& host, const Observation& seen, bool go_on, bool last_look);
    void report(const HostRow& host);
    std::vector<OpenHost> finish(std::vector<HostRow>& hosts);
    const std::string& ring_name(const HostRow& host) const {
        return session_.rings.at(static_cast<std::size_t>(host.ring)).name;
    }

    Session& session_;
    BackOut& back_;
    std::function<bool(const HostRow&)> still_open_;
    std::set<std::int64_t> newly_off_;  ///< told once, not at every try
};

}  // namespace patchlab::rollout
