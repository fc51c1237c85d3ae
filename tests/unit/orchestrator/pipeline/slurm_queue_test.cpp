// SPDX-License-Identifier: Apache-2.0
//
// What the queue of many hosts does beyond the contract of queues: attempts that are lost, late
// results, a scheduler that does not answer.
#include "orchestrator/pipeline/slurm/slurm_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "orchestrator/pipeline/fake/fake_scheduler.hpp"
#include "platform/core/error.hpp"

namespace patchlab::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// Without a new name, so that the folder has no other time than before.
void write_file_in_place(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::trunc) << text;
}

class SlurmQueueTest : public testing::Test {
  protected:
    /// Works a run as a host does: it may say how it ends only while its attempt counts.
    int work(const JobSpec& job, const std::function<bool()>& ended) {
        const auto colon = job.script.rfind(':');
        const RunFolder run(job.script.substr(0, colon));
        const int attempt = std::stoi(job.script.substr(colon + 1));
        while (hold_ && !ended()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (ended()) return 75;
        if (exit_ != 0) return exit_;
        const FileLock lock = lock_attempts(run);
        if (!may_report(run, attempt)) {
            ++refused_;
            return 75;
        }
        RunState state = run.load();
        state.progress = RunProgress::finished;
        state.verdict = "validated";
        run.save(state);
        return 0;
    }

    SlurmQueueOptions options() {
        SlurmQueueOptions options;
        options.job = [this](const RunFolder& run, int attempt) {
            JobSpec job;
            job.script = run.root().string() + ":" + std::to_string(attempt);
            job.machines = machines_;
            return job;
        };
        options.most_attempts = 3;
        options.ask_every = options.grace = std::chrono::milliseconds(0);
        return options;
    }

    RunFolder new_run() {
        const std::string id = "r-20260101-000" + std::to_string(++runs_);
        make_folder(folder_.path() / "runs" / id / "input");
        const RunFolder run(folder_.path() / "runs" / id);
        RunState state;
        state.id = id;
        run.save(state);
        return run;
    }
    RunState follow(const RunFolder& run) {
        return queue_.follow(
            run, [](const Json&) {}, [] { return false; });
    }
    void wait_until_working(const RunFolder& run) {
        while (newest_attempt_of_queue(run)->presence != Presence::working) queue_.look_after(run);
    }
    static std::string events_of(const RunFolder& run) { return read_file(run.events()); }

    std::atomic<bool> hold_{false};
    std::atomic<int> exit_{0};
    std::atomic<int> refused_{0};
    unsigned machines_ = 1;
    int runs_ = 0;
    SystemClock clock_;
    TempFolder folder_{fs::temp_directory_path(), "slurm-queue"};
    std::shared_ptr<FakeScheduler> scheduler_ = std::make_shared<FakeScheduler>(
        std::vector<std::string>{"lab1", "lab2"}, 2,
        [this](const JobSpec& job, const std::string&, const std::function<bool()>& ended) {
            return work(job, ended);
        });
    SlurmQueue queue_{scheduler_, clock_, options()};
};

TEST_F(SlurmQueueTest, a_run_whose_host_died_is_begun_at_once_on_another_one) {
    hold_ = true;
    const RunFolder run = new_run();
    queue_.submit(run);
    wait_until_working(run);
    scheduler_->kill_node("lab1");
    queue_.look_after(run);
    EXPECT_THAT(scheduler_->submitted().back().not_on, ElementsAre("lab1"));
    hold_ = false;
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
    const auto attempts = read_attempts(run);
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(attempts[0].node, "lab1");
    EXPECT_THAT(attempts[0].why, HasSubstr("NODE_FAIL"));
    EXPECT_EQ(attempts[1].end, AttemptEnd::delivered);
    EXPECT_THAT(events_of(run), HasSubstr("was lost on host lab1"));
}

TEST_F(SlurmQueueTest, what_a_host_that_was_taken_for_dead_delivers_later_does_not_count) {
    hold_ = true;
    const RunFolder run = new_run();
    queue_.submit(run);
    wait_until_working(run);
    scheduler_->kill_node("lab1", true);
    queue_.look_after(run);
    EXPECT_FALSE(may_report(run, 1));
    EXPECT_TRUE(may_report(run, 2));
    hold_ = false;
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
    while (refused_ == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(refused_, 1);
    EXPECT_EQ(read_attempts(run).back().end, AttemptEnd::delivered);
}

TEST_F(SlurmQueueTest, a_controller_that_does_not_answer_loses_no_run) {
    hold_ = true;
    const RunFolder run = new_run();
    queue_.submit(run);
    wait_until_working(run);
    scheduler_->set_reachable(false);
    EXPECT_TRUE(queue_.look_after(run));
    EXPECT_EQ(queue_.alive(run), Presence::working) << "as it was when Slurm was asked last";
    EXPECT_EQ(read_attempts(run).size(), 1U);
    scheduler_->set_reachable(true);
    hold_ = false;
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
}

/// Both at once: the host dies, and the controller does not answer when the next attempt is due.
TEST_F(SlurmQueueTest, an_attempt_that_could_not_be_handed_over_is_followed_by_one_that_can) {
    hold_ = true;
    const RunFolder run = new_run();
    queue_.submit(run);
    wait_until_working(run);
    scheduler_->kill_node("lab1");
    scheduler_->refuse_next();
    queue_.look_after(run);
    EXPECT_FALSE(may_report(run, 1));
    hold_ = false;
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
    EXPECT_EQ(read_attempts(run).back().number, 3);
}

TEST_F(SlurmQueueTest, a_job_that_slurm_does_not_know_any_more_is_lost) {
    hold_ = true;
    const RunFolder run = new_run();
    queue_.submit(run);
    wait_until_working(run);
    scheduler_->forget(read_attempts(run)[0].job);
    queue_.look_after(run);
    hold_ = false;
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
    EXPECT_THAT(read_attempts(run)[0].why, HasSubstr("no such job"));
}

TEST_F(SlurmQueueTest, an_impossible_request_is_refused_at_once_and_nothing_has_begun) {
    machines_ = 9;
    const RunFolder run = new_run();
    try {
        queue_.submit(run);
        FAIL() << "it was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::lab);
        EXPECT_THAT(error.what(), HasSubstr("not available"));
    }
    EXPECT_EQ(queue_.alive(run), Presence::gone);
    EXPECT_FALSE(may_report(run, 1));
    EXPECT_EQ(run.load().progress, RunProgress::queued);
    machines_ = 1;
    queue_.submit(run);
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
    EXPECT_EQ(read_attempts(run).back().number, 2);
}

/// The head died between handing the job over and writing down its id.
TEST_F(SlurmQueueTest, a_job_whose_id_was_not_stored_is_found_by_its_name) {
    hold_ = true;
    const RunFolder run = new_run();
    queue_.submit(run);
    Attempt attempt = newest_attempt_of_queue(run).value();
    const std::string job = attempt.job;
    attempt.job.clear();
    write_attempt(run, attempt);
    EXPECT_NE(queue_.alive(run), Presence::gone);
    queue_.look_after(run);
    EXPECT_EQ(newest_attempt_of_queue(run)->job, job);
    EXPECT_EQ(scheduler_->submitted().size(), 1U);
    hold_ = false;
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
}

/// The head died before it handed the job over.
TEST_F(SlurmQueueTest, an_attempt_that_was_never_handed_over_is_followed_by_one_that_is) {
    const RunFolder run = new_run();
    Attempt attempt;
    attempt.number = 1;
    attempt.queue = "slurm";
    attempt.token = "00000001";
    attempt.submitted = to_rfc3339(clock_.now());
    {
        const FileLock lock = lock_attempts(run);
        write_attempt(run, attempt);
    }
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
    EXPECT_EQ(read_attempts(run).size(), 2U);
}

TEST_F(SlurmQueueTest, a_host_that_cannot_work_the_run_is_avoided_and_the_attempts_have_an_end) {
    exit_ = 75;
    const RunFolder run = new_run();
    queue_.submit(run);
    EXPECT_EQ(follow(run).progress, RunProgress::queued);
    const auto attempts = read_attempts(run);
    ASSERT_EQ(attempts.size(), 3U);
    for (const Attempt& attempt : attempts)
        EXPECT_THAT(attempt.why, HasSubstr("its host could not work it"));
    EXPECT_NE(attempts[0].node, attempts[1].node);
    EXPECT_EQ(queue_.alive(run), Presence::gone);
    EXPECT_FALSE(may_report(run, 3));
}

TEST_F(SlurmQueueTest, slurm_is_asked_once_for_all_runs) {
    auto seldom = options();
    seldom.ask_every = std::chrono::hours(1);
    SlurmQueue queue(scheduler_, clock_, seldom);
    hold_ = true;
    std::vector<RunFolder> runs;
    for (int i = 0; i < 4; ++i) runs.push_back(new_run());
    for (const RunFolder& run : runs) queue.submit(run);
    const std::size_t before = scheduler_->times_asked();
    queue.look_after_all(folder_.path() / "runs");  // those jobs are younger than the last answer
    const std::size_t first = scheduler_->times_asked() - before;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(queue.look_after_all(folder_.path() / "runs"), 4U);
    EXPECT_EQ(scheduler_->times_asked() - before, first);
    EXPECT_LE(first, 1U);
    hold_ = false;
}

TEST_F(SlurmQueueTest, a_cancelled_run_takes_nothing_more_from_its_host_even_a_dead_one) {
    hold_ = true;
    const RunFolder run = new_run();
    queue_.submit(run);
    wait_until_working(run);
    scheduler_->kill_node("lab1", true);
    queue_.cancel(run);
    EXPECT_EQ(run.load().progress, RunProgress::cancelled);
    EXPECT_FALSE(may_report(run, 1));
    hold_ = false;
    while (refused_ == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(run.load().progress, RunProgress::cancelled);
    EXPECT_EQ(read_attempts(run).size(), 1U);
}

TEST_F(SlurmQueueTest, runs_wait_where_all_slots_are_taken_and_say_why) {
    hold_ = true;
    std::vector<RunFolder> runs;
    for (int i = 0; i < 5; ++i) runs.push_back(new_run());
    for (const RunFolder& run : runs) queue_.submit(run);
    queue_.look_after(runs[4]);
    EXPECT_EQ(queue_.alive(runs[3]), Presence::working);
    EXPECT_EQ(queue_.alive(runs[4]), Presence::waiting);
    EXPECT_EQ(newest_attempt_of_queue(runs[4])->reason, "Resources");
    hold_ = false;
    EXPECT_EQ(follow(runs[4]).progress, RunProgress::finished);
}

TEST_F(SlurmQueueTest, a_run_goes_to_the_host_that_has_its_contents_and_elsewhere_when_it_is_busy) {
    auto with_contents = options();
    with_contents.hosts_with_contents = [](const RunFolder&) {
        return std::vector<std::string>{"lab2"};
    };
    SlurmQueue queue(scheduler_, clock_, with_contents);
    hold_ = true;
    std::vector<RunFolder> runs;
    for (int i = 0; i < 3; ++i) runs.push_back(new_run());
    for (const RunFolder& run : runs) {
        queue.submit(run);
        queue.look_after(run);
    }
    std::vector<std::string> hosts;
    for (const RunFolder& run : runs) hosts.push_back(newest_attempt_of_queue(run)->node);
    EXPECT_THAT(hosts, ElementsAre("lab2", "lab2", "lab1"));
    hold_ = false;
}

/// Its image is there, and the host is broken.
TEST_F(SlurmQueueTest, a_host_that_lost_the_run_is_avoided_though_it_has_its_contents) {
    auto with_contents = options();
    with_contents.hosts_with_contents = [](const RunFolder&) {
        return std::vector<std::string>{"lab2"};
    };
    SlurmQueue queue(scheduler_, clock_, with_contents);
    exit_ = 75;
    const RunFolder run = new_run();
    queue.submit(run);
    while (read_attempts(run).size() < 2) queue.look_after(run);
    EXPECT_EQ(read_attempts(run)[0].end, AttemptEnd::lost);
    EXPECT_THAT(scheduler_->submitted()[1].not_on, ElementsAre("lab2"));
    EXPECT_THAT(scheduler_->submitted()[1].rather_on, IsEmpty());
}

TEST_F(SlurmQueueTest, a_job_that_somebody_else_cancelled_is_not_held_against_its_host) {
    hold_ = true;
    const RunFolder run = new_run();
    queue_.submit(run);
    wait_until_working(run);
    scheduler_->cancel(read_attempts(run)[0].job);
    while (read_attempts(run).size() < 2) queue_.look_after(run);
    EXPECT_EQ(read_attempts(run)[0].end, AttemptEnd::called_back);
    EXPECT_EQ(read_attempts(run)[0].node, "lab1");
    EXPECT_THAT(scheduler_->submitted().back().not_on, IsEmpty());
    hold_ = false;
}

/// The keeper looks twice a second; a look at a run of which nothing is new reads no file of it.
TEST_F(SlurmQueueTest, a_run_that_nothing_became_of_is_looked_after_without_being_read) {
    hold_ = true;
    const RunFolder run = new_run();
    queue_.submit(run);
    wait_until_working(run);
    const fs::path runs = folder_.path() / "runs";
    const auto past = fs::file_time_type::clock::now() - std::chrono::minutes(1);
    fs::last_write_time(run.state_file(), past);
    fs::last_write_time(run.root() / "attempts", past);
    EXPECT_EQ(queue_.look_after_all(runs), 1U);
    const fs::path file = run.root() / "attempts" / "1.json";
    const std::string stored = read_file(file);
    write_file_in_place(file, "nobody reads this");
    EXPECT_EQ(queue_.look_after_all(runs), 1U);
    EXPECT_EQ(queue_.look_after_all(runs), 1U);
    write_file_in_place(file, stored);
    hold_ = false;
    while (queue_.look_after_all(runs) > 0) {
    }
    EXPECT_EQ(read_attempts(run).back().end, AttemptEnd::delivered) << "what changes is seen";
}

}  // namespace
}  // namespace patchlab::pipeline
