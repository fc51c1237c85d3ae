// SPDX-License-Identifier: Apache-2.0
//
// The process that works a run for this one. It ends with this one, however this one ends, and its
// sandbox with it. Thread safety: one thread; forks without exec.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>

#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"

namespace patchlab::nodes {

class WorkerChild {
  public:
    /// Error(lab) when it cannot be started.
    explicit WorkerChild(const std::function<int()>& body);
    WorkerChild(const WorkerChild&) = delete;
    WorkerChild& operator=(const WorkerChild&) = delete;
    ~WorkerChild() { kill(); }

    /// Waits so long. Its exit code when it has ended; -1 when a signal ended it; nullopt while it
    /// works.
    std::optional<int> wait(Seconds time);
    /// Ends it, with everything in its sandbox. Returns when it is gone.
    void kill();

  private:
    pid_t pid_ = -1;
    UniqueFd pidfd_;
};

}  // namespace patchlab::nodes
