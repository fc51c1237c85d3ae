// SPDX-License-Identifier: Apache-2.0
//
// What a RunQueue promises, whichever adapter it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "platform/core/error.hpp"
#include "tests/contract/run_queue/subject.hpp"

namespace patchlab::pipeline {
namespace {

using testing::ElementsAre;

class QueueContract : public testing::TestWithParam<std::string> {
  protected:
    RunFolder new_run(bool waits = false) {
        const std::string id = "r-20260101-000" + std::to_string(++runs_);
        make_folder(folder_.path() / "runs" / id / "input");
        const RunFolder run(folder_.path() / "runs" / id);
        RunState state;
        state.id = id;
        run.save(state);
        if (waits) write_file_atomic(run.root() / "wait", "");
        return run;
    }
    static void let_go(const RunFolder& run) { write_file_atomic(run.root() / "go", ""); }
    /// What its worker says; a queue may add where the run waits and works.
    static bool is_of_worker(const Json& event) { return event.at("stage") != "queue"; }
    static void tell(const Json& event, std::vector<std::string>& told) {
        if (is_of_worker(event)) told.push_back(event.at("text"));
    }
    RunState follow(const RunFolder& run, std::vector<std::string>& told) {
        return queue().follow(
            run, [&](const Json& event) { tell(event, told); }, [] { return false; });
    }
    RunState follow(const RunFolder& run) {
        std::vector<std::string> told;
        return follow(run, told);
    }
    RunQueue& queue() { return subject_->queue(); }
    void wait_until_begun(const RunFolder& run) {
        queue().follow(
            run, [&](const Json& event) { begun_ = begun_ || is_of_worker(event); },
            [&] { return begun_.load(); });
        begun_ = false;
    }
    static ErrorCode refusal_of(const std::function<void()>& action) {
        try {
            action();
        } catch (const Error& error) {
            return error.code();
        }
        ADD_FAILURE() << "nothing was refused";
        return ErrorCode::internal;
    }

    std::unique_ptr<QueueSubject> subject_ = make_subject(GetParam());
    TempFolder folder_{fs::temp_directory_path(), "run-queue"};
    int runs_ = 0;
    std::atomic<bool> begun_{false};
};

TEST_P(QueueContract, works_a_run_to_its_end_and_tells_what_happens_in_order) {
    const RunFolder run = new_run();
    EXPECT_EQ(queue().alive(run), Presence::gone);
    queue().submit(run);
    std::vector<std::string> told;
    const RunState end = follow(run, told);
    EXPECT_EQ(end.progress, RunProgress::finished);
    EXPECT_EQ(end.verdict, "validated");
    EXPECT_THAT(told, ElementsAre("begun", "done"));
    EXPECT_EQ(queue().alive(run), Presence::gone);
}

TEST_P(QueueContract, a_run_that_was_submitted_is_alive_until_it_is_over) {
    const RunFolder run = new_run(true);
    queue().submit(run);
    EXPECT_NE(queue().alive(run), Presence::gone) << "from the moment at which submit returned";
    EXPECT_NE(subject_->seen_by_others().alive(run), Presence::gone);
    let_go(run);
    follow(run);
    EXPECT_EQ(queue().alive(run), Presence::gone);
    EXPECT_EQ(subject_->seen_by_others().alive(run), Presence::gone);
}

TEST_P(QueueContract, refuses_a_run_that_is_under_way) {
    const RunFolder run = new_run(true);
    queue().submit(run);
    EXPECT_EQ(refusal_of([&] { queue().submit(run); }), ErrorCode::conflict);
    EXPECT_EQ(refusal_of([&] { subject_->seen_by_others().submit(run); }), ErrorCode::conflict);
    let_go(run);
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
}

TEST_P(QueueContract, somebody_else_can_follow_a_run_to_its_end) {
    const RunFolder run = new_run(true);
    queue().submit(run);
    std::vector<std::string> told;
    std::thread follower([&] {
        subject_->seen_by_others().follow(
            run,
            [&](const Json& event) {
                tell(event, told);
                if (told.size() == 1) let_go(run);
            },
            [] { return false; });
    });
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
    follower.join();
    EXPECT_THAT(told, ElementsAre("begun", "done"));
}

TEST_P(QueueContract, following_can_be_interrupted_and_the_run_goes_on) {
    const RunFolder run = new_run(true);
    queue().submit(run);
    wait_until_begun(run);
    const RunState meanwhile = queue().follow(
        run, [](const Json&) {}, [] { return true; });
    EXPECT_EQ(meanwhile.progress, RunProgress::running);
    EXPECT_EQ(queue().alive(run), Presence::working);
    let_go(run);
    EXPECT_EQ(follow(run).progress, RunProgress::finished);
}

TEST_P(QueueContract, a_lost_worker_is_known_and_its_run_can_be_submitted_again) {
    const RunFolder run = new_run(true);
    queue().submit(run);
    wait_until_begun(run);
    subject_->lose_worker(run);
    EXPECT_EQ(queue().alive(run), Presence::gone);
    EXPECT_EQ(subject_->seen_by_others().alive(run), Presence::gone);
    EXPECT_EQ(follow(run).progress, RunProgress::running) << "nobody has brought it to an end";
    let_go(run);
    queue().submit(run);
    const RunState end = follow(run);
    EXPECT_EQ(end.progress, RunProgress::finished);
    EXPECT_EQ(end.resumes, 1);
}

TEST_P(QueueContract, cancel_ends_the_worker_and_removes_its_findings) {
    const RunFolder run = new_run(true);
    queue().submit(run);
    wait_until_begun(run);
    queue().cancel(run);
    EXPECT_EQ(queue().alive(run), Presence::gone);
    EXPECT_EQ(run.load().progress, RunProgress::cancelled);
    EXPECT_TRUE(run.load().verdict.empty());
    EXPECT_FALSE(fs::exists(run.work()));
    EXPECT_EQ(follow(run).progress, RunProgress::cancelled);
}

TEST_P(QueueContract, cancel_needs_no_worker) {
    const RunFolder run = new_run();
    queue().cancel(run);
    EXPECT_EQ(run.load().progress, RunProgress::cancelled);
}

TEST_P(QueueContract, somebody_else_can_cancel_a_run) {
    const RunFolder run = new_run(true);
    queue().submit(run);
    wait_until_begun(run);
    subject_->seen_by_others().cancel(run);
    EXPECT_EQ(follow(run).progress, RunProgress::cancelled);
    EXPECT_EQ(queue().alive(run), Presence::gone);
}

TEST_P(QueueContract, cancel_refuses_a_run_that_is_over) {
    const RunFolder run = new_run();
    queue().submit(run);
    follow(run);
    EXPECT_EQ(refusal_of([&] { queue().cancel(run); }), ErrorCode::conflict);
    EXPECT_EQ(run.load().progress, RunProgress::finished);
}

TEST_P(QueueContract, several_runs_are_worked_and_followed_at_once) {
    std::vector<RunFolder> runs;
    for (int i = 0; i < 4; ++i) runs.push_back(new_run(true));
    for (const RunFolder& run : runs) queue().submit(run);
    std::vector<RunState> ends(runs.size());
    std::vector<std::thread> followers;
    for (std::size_t i = 0; i < runs.size(); ++i)
        followers.emplace_back([&, i] { ends[i] = follow(runs[i]); });
    for (const RunFolder& run : runs) let_go(run);
    for (std::thread& follower : followers) follower.join();
    for (const RunState& end : ends) EXPECT_EQ(end.progress, RunProgress::finished);
}

INSTANTIATE_TEST_SUITE_P(Adapters, QueueContract, testing::Values("local", "fake", "slurm"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace patchlab::pipeline
