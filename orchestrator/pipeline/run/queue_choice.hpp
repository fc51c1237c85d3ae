// SPDX-License-Identifier: Apache-2.0
//
// The queues of an installation as one: a run stays with the queue that has it, a new one goes to
// the usual one, or to the one that was asked for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "orchestrator/pipeline/run/queue.hpp"

namespace patchlab::pipeline {

class QueueChoice final : public RunQueue {
  public:
    /// The first one is the usual one.
    explicit QueueChoice(std::vector<std::unique_ptr<RunQueue>> queues)
        : queues_(std::move(queues)) {}

    /// From now on this one is. Error(usage) as named().
    void make_usual(std::string_view name);

    /// Of the usual one.
    std::string_view name() const override { return queues_.front()->name(); }
    /// Error(usage) for a queue that this installation has not.
    RunQueue& named(std::string_view name);
    /// The one that has the run, or had it last; the usual one for a run that nobody had.
    RunQueue& of(const RunFolder& run);

    void submit(const RunFolder& run) override { of(run).submit(run); }
    Presence alive(const RunFolder& run) override { return of(run).alive(run); }
    RunState follow(const RunFolder& run, const OnEvent& on_event,
                    const std::function<bool()>& interrupted) override {
        return of(run).follow(run, on_event, interrupted);
    }
    void cancel(const RunFolder& run) override { of(run).cancel(run); }

  private:
    std::vector<std::unique_ptr<RunQueue>> queues_;
};

}  // namespace patchlab::pipeline
