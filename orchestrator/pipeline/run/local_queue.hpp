// SPDX-License-Identifier: Apache-2.0
//
// The RunQueue of this host: each run has a worker of its own at once, a process of its own session
// that outlives the terminal it was started from. Whether it lives is read from its lease
// (lease.hpp).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "orchestrator/pipeline/run/queue.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

class LocalQueue final : public RunQueue {
  public:
    /// What this program is called with (without argv[0]) to work a run. It must take the run's
    /// lease (HeldLease) or end.
    using Arguments = std::function<std::vector<std::string>(const RunFolder&)>;

    LocalQueue(const Clock& clock, Arguments arguments)
        : clock_(clock), arguments_(std::move(arguments)) {}

    std::string_view name() const override { return "local"; }
    /// The worker's output goes to worker.log in the run's folder.
    void submit(const RunFolder& run) override;
    Presence alive(const RunFolder& run) override;
    RunState follow(const RunFolder& run, const OnEvent& on_event,
                    const std::function<bool()>& interrupted) override;
    void cancel(const RunFolder& run) override;

  private:
    bool has_ended(const RunFolder& run);
    bool reap(const std::filesystem::path& run);

    const Clock& clock_;
    Arguments arguments_;
    std::mutex mutex_;
    /// Workers that this process started and has not waited for yet.
    std::map<std::filesystem::path, pid_t> children_;
};

/// The queue of a state folder: `patchlab --state STATE internal-worker RUN-FOLDER`.
LocalQueue::Arguments worker_arguments(const std::filesystem::path& state);

}  // namespace patchlab::pipeline
