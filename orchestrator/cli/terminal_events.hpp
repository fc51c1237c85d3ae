// SPDX-License-Identifier: Apache-2.0
//
// What an operation reports, on stderr: progress as one line that is overwritten on a terminal
// ("building image web: installing packages  [12 s]"), notes and warnings as lines of their own.
// Ctrl-C becomes an answer once an operation asks for it. Thread safety: see EventSink.
#pragma once

#include <string>

#include "orchestrator/operations/event_sink.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::cli {

class TerminalEvents : public operations::EventSink {
  public:
    void progress(std::string_view text) override;
    void run_event(const operations::RunEvent& event) override;
    void rollout_event(const operations::RolloutEvent& event) override;
    void rollout_status(const Json& status) override;
    void notice(const notify::Notice& notice) override;
    void note(std::string_view text) override;
    void warning(std::string_view text) override;
    /// From the first question on, SIGINT and SIGTERM do nothing but turn the answer to true.
    bool interrupted() override;
    /// Ends a progress line.
    void progress_done();

  private:
    /// `share`: how much of the whole that is.
    void show(std::string_view text, const std::string& share);

    Stopwatch since_start_;
    bool line_open_ = false;
    std::string last_progress_;
};

}  // namespace patchlab::cli
