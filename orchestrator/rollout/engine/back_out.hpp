// SPDX-License-Identifier: Apache-2.0
//
// The way back: every host to its own exact versions from before, packages that were new taken
// away, proven by the same suites. (pull) Hosts go back by themselves once their channel offers the
// old versions again: here they are waited for. Thread safety: one thread.
#pragma once

#include <functional>
#include <vector>

#include "orchestrator/rollout/engine/session.hpp"

namespace patchlab::rollout {

class BackOut {
  public:
    explicit BackOut(Session& session) : session_(session) {}

    /// Hosts that failed just now (state failed). With mode pull they wait until the whole channel
    /// goes back.
    void failed(std::vector<HostRow>& hosts);
    /// Hosts that are recorded as failed or backing out; found after a crash, or asked for. Returns
    /// when all of them are through.
    void all(const std::vector<OpenHost>& hosts, std::size_t concurrency);
    /// One batch of hosts that are recorded as failed or backing out.
    void batch(const std::vector<std::int64_t>& hosts);

  private:
    void look_first(std::vector<HostRow>& hosts);
    void push_back(std::vector<HostRow>& hosts);
    void wait_for(std::vector<HostRow> hosts);
    bool says_it_is_back(HostRow& host, Epoch since);
    bool judge(HostRow& host, const Observation& seen, bool last);
    void report(const std::vector<HostRow>& hosts);

    Session& session_;
};

}  // namespace patchlab::rollout
