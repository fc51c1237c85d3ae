// SPDX-License-Identifier: Apache-2.0
//
// What an operation reports, to a caller at the other end of a connection. A caller who is gone
// hears nothing, and what changes something goes on without them: losing a connection is no
// interrupt. What only reads ends then (CallerGone). Thread safety: as EventSink, but that
// interrupted() may be asked from another thread that holds the operation's own lock.
#pragma once

#include <stdexcept>

#include "orchestrator/operations/event_sink.hpp"
#include "orchestrator/operations/session.hpp"
#include "orchestrator/service/wire/connection.hpp"

namespace patchlab::service {

/// Nobody listens any more to what only reads.
class CallerGone : public std::runtime_error {
  public:
    CallerGone() : std::runtime_error("the caller has gone") {}
};

class CallerEvents final : public operations::EventSink {
  public:
    /// `only_reads`: nothing is lost when the operation ends in the middle. `session`: knows how
    /// the caller calls the files that they lent.
    CallerEvents(Connection& caller, bool only_reads, const operations::Session& session)
        : caller_(caller), only_reads_(only_reads), session_(session) {}

    void progress(std::string_view text) override;
    void run_event(const operations::RunEvent& event) override;
    void rollout_event(const operations::RolloutEvent& event) override;
    void rollout_status(const Json& status) override;
    void event(const Json& event) override;
    void notice(const notify::Notice& notice) override;
    void note(std::string_view text) override;
    void warning(std::string_view text) override;
    bool interrupted() override;

  private:
    void send(const Json& message);
    void lose();

    Connection& caller_;
    bool only_reads_;
    const operations::Session& session_;
    bool gone_ = false;
    bool interrupted_ = false;
};

}  // namespace patchlab::service
