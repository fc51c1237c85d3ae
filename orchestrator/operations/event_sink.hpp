// SPDX-License-Identifier: Apache-2.0
//
// What an operation reports while it works: the command line prints it, a service streams it.
// Thread safety: an operation reports from one thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "orchestrator/notify/message.hpp"
#include "platform/core/json.hpp"

namespace patchlab::operations {

/// One line of a run's log, as events.jsonl holds it.
struct RunEvent {
    std::string run;
    std::string title;  ///< tells runs apart that are followed together (a patch); may be empty
    std::string time;   ///< RFC 3339
    std::string stage;
    std::string text;
    std::string share{};  ///< "stage 7 of 17, about 2 min left"; may be empty
};

/// One line of a rollout's log.
struct RolloutEvent {
    std::string rollout;
    std::string time;  ///< RFC 3339
    std::string kind;
    std::string ring;  ///< empty: of the whole rollout
    std::string host;
    std::string text;
};

class EventSink {
  public:
    virtual ~EventSink() = default;
    /// What is being done now, in one line; the next one replaces it.
    virtual void progress(std::string_view text) = 0;
    virtual void run_event(const RunEvent& event) = 0;
    virtual void rollout_event(const RolloutEvent& event) = 0;
    /// Where a rollout stands now (schema patchlab/rollout-status/v1).
    virtual void rollout_status(const Json& status) = 0;
    /// One event of the stream of all that happens (schema/event.json).
    virtual void event(const Json& event) { (void)event; }
    /// What the people of a rollout are told: a ring started, it halted.
    virtual void notice(const notify::Notice& notice) = 0;
    /// Worth knowing, and no reason to stop.
    virtual void note(std::string_view text) = 0;
    /// The result is not all that was asked for.
    virtual void warning(std::string_view text) = 0;
    /// True once the caller wants no more: Ctrl-C, a closed connection. The operation ends what it
    /// began. From the first question on an interrupt does nothing but change this answer.
    virtual bool interrupted() = 0;
};

/// Nobody listens.
class NoEvents : public EventSink {
  public:
    void progress(std::string_view) override {}
    void run_event(const RunEvent&) override {}
    void rollout_event(const RolloutEvent&) override {}
    void rollout_status(const Json&) override {}
    void notice(const notify::Notice&) override {}
    void note(std::string_view) override {}
    void warning(std::string_view) override {}
    bool interrupted() override { return false; }
};

}  // namespace patchlab::operations
