// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <iostream>
#include <thread>

#include "orchestrator/pipeline/fake/fake_queue.hpp"
#include "orchestrator/pipeline/fake/fake_scheduler.hpp"
#include "orchestrator/pipeline/run/lease.hpp"
#include "orchestrator/pipeline/run/local_queue.hpp"
#include "orchestrator/pipeline/slurm/slurm_queue.hpp"
#include "tests/contract/run_queue/subject.hpp"

namespace patchlab::pipeline {

void work_small(const RunFolder& run, const std::function<bool()>& ended) {
    const SystemClock clock;
    EventLog events(run.events(), clock);
    RunState state = run.load();
    if (is_over(state.progress)) return;
    if (state.progress == RunProgress::running) ++state.resumes;
    state.progress = RunProgress::running;
    run.save(state);
    make_folder(run.work());
    events.add("clone", "begun");
    while (fs::exists(run.root() / "wait") && !fs::exists(run.root() / "go")) {
        if (ended()) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    events.add("seal", "done");
    remove_tree(run.work());
    state.progress = RunProgress::finished;
    state.verdict = "validated";
    run.save(state);
}

namespace {

const SystemClock clock_of_subjects{};

class LocalSubject final : public QueueSubject {
  public:
    RunQueue& queue() override { return queue_; }
    RunQueue& seen_by_others() override { return other_; }
    void lose_worker(const RunFolder& run) override {
        const Lease lease = read_lease(run).value();
        EXPECT_TRUE(process::signal_process(lease.holder, SIGKILL));
        while (process::is_running(lease.holder))
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }

  private:
    static std::vector<std::string> arguments(const RunFolder& run) {
        return {"small-worker", run.root().string()};
    }
    LocalQueue queue_{clock_of_subjects, arguments};
    LocalQueue other_{clock_of_subjects, arguments};
};

class FakeSubject final : public QueueSubject {
  public:
    RunQueue& queue() override { return queue_; }
    RunQueue& seen_by_others() override { return queue_; }
    void lose_worker(const RunFolder& run) override { queue_.lose(run); }

  private:
    FakeQueue queue_{clock_of_subjects, 4, work_small};
};

/// Slurm's queue, on hosts that are played. One attempt: whoever asks begins the next.
class SlurmSubject final : public QueueSubject {
  public:
    RunQueue& queue() override { return queue_; }
    RunQueue& seen_by_others() override { return other_; }
    void lose_worker(const RunFolder& run) override {
        scheduler_->crash(newest_attempt_of_queue(run).value().job);
    }

  private:
    static int work(const JobSpec& job, const std::string&, const std::function<bool()>& ended) {
        work_small(RunFolder(job.script), ended);
        return 0;
    }
    static SlurmQueueOptions options() {
        SlurmQueueOptions options;
        options.job = [](const RunFolder& run, int) {
            JobSpec job;
            job.script = run.root().string();
            return job;
        };
        options.most_attempts = 1;
        options.ask_every = options.grace = std::chrono::milliseconds(0);
        return options;
    }
    std::shared_ptr<FakeScheduler> scheduler_ =
        std::make_shared<FakeScheduler>(std::vector<std::string>{"lab1", "lab2"}, 4, work);
    SlurmQueue queue_{scheduler_, clock_of_subjects, options()};
    SlurmQueue other_{scheduler_, clock_of_subjects, options()};
};

}  // namespace

std::unique_ptr<QueueSubject> make_subject(const std::string& name) {
    if (name == "local") return std::make_unique<LocalSubject>();
    if (name == "slurm") return std::make_unique<SlurmSubject>();
    return std::make_unique<FakeSubject>();
}

}  // namespace patchlab::pipeline

/// This program is also the worker that the local queue starts.
int main(int argc, char** argv) {
    using namespace patchlab;
    if (argc == 3 && std::string(argv[1]) == "small-worker") try {
            const SystemClock clock;
            const pipeline::RunFolder run{argv[2]};
            if (fs::exists(run.root() / "refuse")) return 3;
            const auto lease = pipeline::HeldLease::take(run, clock);
            pipeline::work_small(run, [] { return false; });
            return 0;
        } catch (const std::exception& error) {
            std::cerr << error.what() << std::endl;
            return 3;
        }
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
