// SPDX-License-Identifier: Apache-2.0
//
// What the contract of RunQueue is tried on. Its runs are small: what a worker does is written in
// the run's input (script()), and no machine is played.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "orchestrator/pipeline/run/queue.hpp"

namespace patchlab::pipeline {

class QueueSubject {
  public:
    virtual ~QueueSubject() = default;
    virtual RunQueue& queue() = 0;
    /// A second view of the same queue, as another process has it.
    virtual RunQueue& seen_by_others() = 0;
    /// Ends the run's worker as a crash would, and returns when it is dead.
    virtual void lose_worker(const RunFolder& run) = 0;
};

/// "local", "fake", …; each test gets a new one.
std::unique_ptr<QueueSubject> make_subject(const std::string& name);

/// The worker of the contract: tells "begun", waits for the file `go` in the run's folder when
/// `wait` is there, tells "done" and leaves the run finished and validated. Returns early when
/// `ended` says yes.
void work_small(const RunFolder& run, const std::function<bool()>& ended);

}  // namespace patchlab::pipeline
