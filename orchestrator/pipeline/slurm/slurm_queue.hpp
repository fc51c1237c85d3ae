// SPDX-License-Identifier: Apache-2.0
//
// The RunQueue of many hosts: each attempt at a run is one job of Slurm (docs/adr/0033). The head
// looks after the attempts: it sees what became of a job, begins the next attempt at once when one
// was lost, and keeps what an older one still says from counting (attempts.hpp). It does so in
// whoever follows a run, and in one process for all runs that nobody follows (look_after_all()).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/pipeline/run/attempts.hpp"
#include "orchestrator/pipeline/slurm/scheduler.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

struct SlurmQueueOptions {
    /// What the job of an attempt is and needs; its name and `not_on` are the queue's to say.
    std::function<JobSpec(const RunFolder& run, int attempt)> job;
    /// Hosts that have what the run needs. May be empty.
    std::function<std::vector<std::string>(const RunFolder& run)> hosts_with_contents = {};
    int most_attempts = 5;                      ///< without somebody asking anew
    std::chrono::milliseconds ask_every{2000};  ///< Slurm, however many runs there are
    /// A job that has ended has delivered. On a slow file system that is seen a moment later.
    std::chrono::milliseconds grace{3000};
    /// Has somebody look after runs when nobody follows them; called after each submission. May be
    /// empty.
    std::function<void()> keep = {};
    /// Whether somebody does; then a follower asks Slurm nothing. May be empty.
    std::function<bool()> is_kept = {};
};

class SlurmQueue final : public RunQueue {
  public:
    SlurmQueue(std::shared_ptr<Scheduler> scheduler, const Clock& clock, SlurmQueueOptions options)
        : scheduler_(std::move(scheduler)), clock_(clock), options_(std::move(options)) {}

    std::string_view name() const override { return "slurm"; }
    void submit(const RunFolder& run) override;
    Presence alive(const RunFolder& run) override;
    RunState follow(const RunFolder& run, const OnEvent& on_event,
                    const std::function<bool()>& interrupted) override;
    /// The run is cancelled even where the job's host does not answer: nothing that this attempt
    /// says counts any more.
    void cancel(const RunFolder& run) override;

    /// Sees what became of the run's newest attempt, and begins the next one when it was lost.
    /// False: nothing is left to look after.
    bool look_after(const RunFolder& run);
    /// look_after() for every run of a folder. Gives how many are left.
    std::size_t look_after_all(const std::filesystem::path& runs);

  private:
    using Clicks = std::chrono::steady_clock;
    using Jobs = std::vector<Job>;

    Attempt record(const RunFolder& run, const std::optional<Attempt>& before);
    void hand_over(const RunFolder& run, Attempt attempt);
    std::string submit_somewhere(JobSpec job);
    bool close(const RunFolder& run);
    void update(const RunFolder& run, const Attempt& before, const Job& job);
    void lost(const RunFolder& run, Attempt attempt, const Job& job);
    void end(const RunFolder& run, Attempt attempt, AttemptEnd how, const std::string& why = "");
    void tell(const RunFolder& run, const std::string& text, std::string_view level = "info");
    bool is_settled(const std::filesystem::path& run, std::filesystem::file_time_type changed);
    bool is_as_seen(const RunFolder& run, std::filesystem::file_time_type changed);
    bool is_newer_than_answer(const RunFolder& run);
    void note_seen(const RunFolder& run, std::filesystem::file_time_type changed);
    bool grace_is_over(const RunFolder& run, int attempt);
    std::optional<Job> find(const Attempt& attempt);
    std::shared_ptr<const Jobs> jobs(Clicks::time_point not_before);
    void wait_until_ended(const Attempt& attempt);

    std::shared_ptr<Scheduler> scheduler_;
    const Clock& clock_;
    const SlurmQueueOptions options_;

    std::mutex mutex_;  ///< guards what follows
    std::shared_ptr<const Jobs> jobs_;
    Clicks::time_point asked_{};
    std::filesystem::file_time_type answered_for_{};  ///< the same moment, as files have it
    /// Runs that nothing was left to look after in, and when their attempts last changed.
    std::map<std::filesystem::path, std::filesystem::file_time_type> settled_;
    /// Runs that a scheduler has, as their files said when these last changed.
    struct Seen {
        std::filesystem::file_time_type attempts, state;
        Attempt attempt;
    };
    std::map<std::filesystem::path, Seen> seen_;
    std::string trouble_;  ///< why Slurm could not be asked last
    /// Since when a run's attempt is seen to be over without a result.
    std::map<std::pair<std::filesystem::path, int>, Clicks::time_point> over_since_;
};

}  // namespace patchlab::pipeline
