// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/queues.hpp"

#include <sys/wait.h>

#include <thread>

#include "orchestrator/nodes/head/contents.hpp"
#include "orchestrator/operations/session.hpp"
#include "orchestrator/pipeline/run/local_queue.hpp"
#include "orchestrator/pipeline/slurm/slurm_queue.hpp"
#include "orchestrator/pipeline/slurm/slurm_scheduler.hpp"
#include "platform/core/files.hpp"
#include "platform/core/log.hpp"
#include "platform/process/detached.hpp"

namespace patchlab::operations {

namespace {

fs::path keeper_lock(const fs::path& state) { return state / "queue-keeper.lock"; }

/// Starts the keeper where there is none. Thread-safe.
class KeeperStart {
  public:
    explicit KeeperStart(fs::path state) : state_(std::move(state)) {}

    void start_if_missing() {
        const std::lock_guard lock(mutex_);
        if (child_ > 0 && ::waitpid(child_, nullptr, WNOHANG) != 0) child_ = 0;
        if (child_ > 0 || FileLock::is_held(keeper_lock(state_))) return;
        child_ = process::start_detached({"--state-dir", state_.string(), "internal-queue-keeper"},
                                         state_ / "queue-keeper.log",
                                         "the process that looks after runs on Slurm");
    }

  private:
    const fs::path state_;
    std::mutex mutex_;
    pid_t child_ = 0;
};

pipeline::SlurmQueueOptions slurm_options(const QueueOptions& options, const fs::path& state) {
    pipeline::SlurmQueueOptions slurm;
    slurm.job = [job = options.job](const pipeline::RunFolder& run, int attempt) {
        return pipeline::job_of(run, attempt, job);
    };
    slurm.hosts_with_contents = [state](const pipeline::RunFolder& run) {
        return nodes::nodes_with_contents_of(state, pipeline::read_request(run.request()));
    };
    const auto keeper = std::make_shared<KeeperStart>(state);
    slurm.keep = [keeper] { keeper->start_if_missing(); };
    slurm.is_kept = [state] { return FileLock::is_held(keeper_lock(state)); };
    return slurm;
}

std::unique_ptr<pipeline::SlurmQueue> make_slurm(const QueueOptions& options, const fs::path& state,
                                                 process::CommandRunner& commands,
                                                 const Clock& clock) {
    return std::make_unique<pipeline::SlurmQueue>(
        std::make_shared<pipeline::SlurmScheduler>(commands), clock, slurm_options(options, state));
}

}  // namespace

std::unique_ptr<pipeline::QueueChoice> make_queues(const QueueOptions& options,
                                                   const fs::path& state,
                                                   process::CommandRunner& commands,
                                                   const Clock& clock) {
    std::vector<std::unique_ptr<pipeline::RunQueue>> queues;
    queues.push_back(
        std::make_unique<pipeline::LocalQueue>(clock, pipeline::worker_arguments(state)));
    queues.push_back(make_slurm(options, state, commands, clock));
    auto choice = std::make_unique<pipeline::QueueChoice>(std::move(queues));
    choice->make_usual(options.usual);
    return choice;
}

int keep_queue(Session& session) {
    const fs::path state = session.state();
    log_to_file(state / "queue-keeper.log");
    const QueueOptions& options = session.queue_options();
    pipeline::SlurmQueue queue(std::make_shared<pipeline::SlurmScheduler>(session.commands()),
                               session.clock(), slurm_options(options, state));
    for (;;) {
        auto lock = FileLock::try_acquire(keeper_lock(state));
        if (!lock) return 0;
        while (queue.look_after_all(state / "runs") > 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
        // whoever handed a run over while the lock was still held did not start another keeper
        lock.reset();
        if (queue.look_after_all(state / "runs") == 0) return 0;
    }
}

}  // namespace patchlab::operations
