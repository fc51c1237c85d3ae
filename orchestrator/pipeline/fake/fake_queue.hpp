// SPDX-License-Identifier: Apache-2.0
//
// A RunQueue that works runs in threads of this process, with a function instead of a worker: no
// process is started, no lease is taken. It has slots, so that runs wait as they do for a
// scheduler.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "orchestrator/pipeline/run/queue.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

class FakeQueue final : public RunQueue {
  public:
    /// Works one run to its end, and returns early when `ended` says yes: then its worker was
    /// killed.
    using Worker = std::function<void(const RunFolder&, const std::function<bool()>& ended)>;

    FakeQueue(const Clock& clock, unsigned slots, Worker worker)
        : clock_(clock), slots_(slots), worker_(std::move(worker)) {}
    /// Ends all workers.
    ~FakeQueue() override;

    std::string_view name() const override { return "fake"; }
    void submit(const RunFolder& run) override;
    Presence alive(const RunFolder& run) override;
    RunState follow(const RunFolder& run, const OnEvent& on_event,
                    const std::function<bool()>& interrupted) override;
    void cancel(const RunFolder& run) override;

    /// Ends the run's worker as a crash would.
    void lose(const RunFolder& run);

  private:
    struct Job {
        Presence presence = Presence::waiting;
        std::atomic<bool> killed{false};
        std::thread thread;
    };

    void start_waiting();
    void end(Job& job, std::unique_lock<std::mutex>& lock);

    const Clock& clock_;
    const unsigned slots_;
    const Worker worker_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::filesystem::path, Job> jobs_;  ///< those that ended, too; by the run's folder
    std::deque<std::filesystem::path> waiting_;
    unsigned working_ = 0;
};

}  // namespace patchlab::pipeline
