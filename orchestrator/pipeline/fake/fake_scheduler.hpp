// SPDX-License-Identifier: Apache-2.0
//
// A scheduler that plays hosts: jobs are functions in threads of this process, hosts have slots,
// and can die.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "orchestrator/pipeline/slurm/scheduler.hpp"

namespace patchlab::pipeline {

class FakeScheduler final : public Scheduler {
  public:
    /// Works a job on a host and gives its exit code; returns early when `ended` says yes.
    using Worker = std::function<int(const JobSpec& job, const std::string& node,
                                     const std::function<bool()>& ended)>;

    FakeScheduler(std::vector<std::string> nodes, unsigned slots, Worker worker);
    /// Ends all jobs.
    ~FakeScheduler() override;

    std::string submit(const JobSpec& job) override;
    std::vector<Job> jobs() override;
    void cancel(const std::string& id) override;

    /// The host dies; what it worked goes on as an orphan when `orphans`, and is ended otherwise.
    void kill_node(const std::string& node, bool orphans = false);
    /// Ends the job as a crash of its worker would.
    void crash(const std::string& id);
    /// Forgets the job, as a controller that lost its state does.
    void forget(const std::string& id);
    /// From now on it cannot be asked, or can be again.
    void set_reachable(bool reachable);
    /// The next job is not taken.
    void refuse_next();
    /// What was handed over, in order.
    std::vector<JobSpec> submitted();
    /// How often it was asked for its jobs.
    std::size_t times_asked();

  private:
    struct Work {
        JobSpec spec;
        Job job;
        std::atomic<bool> killed{false};
        bool ran = false;  ///< its thread has come to its end
        std::thread thread;
    };

    void require_reachable() const;
    std::string free_node(const JobSpec& job) const;
    void start_waiting();
    void start(Work& work, const std::string& node);
    void end(Work& work, JobState state, const std::string& word,
             std::unique_lock<std::mutex>& lock);

    const unsigned slots_;
    const Worker worker_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, unsigned> free_;  ///< slots by host; a dead host has none
    std::map<long, Work> works_;
    std::vector<JobSpec> submitted_;
    std::size_t asked_ = 0;
    long last_ = 0;
    bool reachable_ = true;
    unsigned refusals_ = 0;
};

}  // namespace patchlab::pipeline
