// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/lease.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "platform/core/json.hpp"
#include "platform/process/cell.hpp"

namespace patchlab::pipeline {
namespace {

class LeaseTest : public testing::Test {
  protected:
    LeaseTest() { make_folder(run_.root()); }
    /// Changes the lease behind the back of its holder.
    void change(const std::function<void(Json&)>& how) {
        Json json = read_json(run_.lease());
        how(json);
        write_json(run_.lease(), json);
    }
    /// A process that takes the run and holds it until it is killed.
    pid_t start_holder() {
        std::array<int, 2> ready{};
        if (::pipe(ready.data()) != 0) throw std::runtime_error("no pipe");
        const pid_t pid = ::fork();
        if (pid == 0) {
            const auto lease = HeldLease::take(run_, clock_);
            static_cast<void>(!::write(ready[1], "x", 1));
            for (;;) ::pause();
        }
        char byte = 0;
        static_cast<void>(!::read(ready[0], &byte, 1));
        ::close(ready[0]);
        ::close(ready[1]);
        return pid;
    }

    TempFolder folder_{fs::temp_directory_path(), "lease"};
    RunFolder run_{folder_.path() / "runs" / "r-20260101-0001"};
    SystemClock clock_;
};

TEST_F(LeaseTest, each_worker_that_begins_is_a_new_attempt) {
    EXPECT_EQ(newest_attempt(run_), 0);
    for (int attempt = 1; attempt <= 3; ++attempt) {
        EXPECT_FALSE(has_worker(run_));
        const auto lease = HeldLease::take(run_, clock_);
        EXPECT_EQ(lease.attempt(), attempt);
        EXPECT_EQ(newest_attempt(run_), attempt);
        EXPECT_TRUE(has_worker(run_));
        EXPECT_NO_THROW(lease.check());
    }
}

TEST_F(LeaseTest, keeps_a_second_worker_out) {
    const auto lease = HeldLease::take(run_, clock_);
    EXPECT_THROW(static_cast<void>(HeldLease::take(run_, clock_)), Error);
    EXPECT_EQ(newest_attempt(run_), 1) << "an attempt that did not begin does not count";
    EXPECT_NO_THROW(lease.check());
}

TEST_F(LeaseTest, of_workers_that_begin_at_once_one_at_a_time_has_the_run) {
    std::atomic<int> holding{0};
    std::atomic<int> begun{0};
    std::vector<std::thread> workers;
    for (int i = 0; i < 8; ++i)
        workers.emplace_back([&] {
            for (int tries = 0; tries < 20; ++tries) try {
                    const auto lease = HeldLease::take(run_, clock_);
                    EXPECT_EQ(++holding, 1);
                    ++begun;
                    EXPECT_NO_THROW(lease.check());
                    --holding;
                } catch (const Error& error) {
                    EXPECT_EQ(error.code(), ErrorCode::conflict);
                }
        });
    for (std::thread& worker : workers) worker.join();
    EXPECT_GT(begun, 0);
    EXPECT_EQ(newest_attempt(run_), begun);
}

TEST_F(LeaseTest, a_question_never_refuses_a_worker) {
    std::atomic<bool> over{false};
    std::vector<std::thread> askers;
    for (int i = 0; i < 2; ++i)
        askers.emplace_back([&] {
            while (!over) static_cast<void>(has_worker(run_));
        });
    int refused = 0;
    for (int attempt = 0; attempt < 100; ++attempt) try {
            static_cast<void>(HeldLease::take(run_, clock_));
        } catch (const Error&) {
            ++refused;
        }
    over = true;
    for (std::thread& asker : askers) asker.join();
    EXPECT_EQ(refused, 0);
}

TEST_F(LeaseTest, a_killed_worker_is_known_to_be_gone_at_once_and_its_run_can_be_taken) {
    const pid_t holder = start_holder();
    EXPECT_TRUE(has_worker(run_));
    ::kill(holder, SIGKILL);
    ::waitpid(holder, nullptr, 0);
    EXPECT_FALSE(has_worker(run_));
    EXPECT_EQ(HeldLease::take(run_, clock_).attempt(), 2);
}

TEST_F(LeaseTest, a_cell_knows_of_a_worker_that_it_cannot_see) {
    if (!process::cells_available()) GTEST_SKIP() << "no namespaces here";
    const auto asked_in_cell = [&] {
        return process::run_in_cell({}, [&](bool) { return has_worker(run_) ? 1 : 0; }).exit_code;
    };
    const pid_t holder = start_holder();
    EXPECT_EQ(asked_in_cell(), 1);
    ::kill(holder, SIGKILL);
    ::waitpid(holder, nullptr, 0);
    EXPECT_EQ(asked_in_cell(), 0);
}

TEST_F(LeaseTest, an_older_attempt_finds_that_a_newer_one_began_and_leaves_its_lease_alone) {
    std::string newer;
    {
        const auto lease = HeldLease::take(run_, clock_);
        change([](Json& json) { json["attempt"] = 2; });
        newer = read_file(run_.lease());
        EXPECT_THROW(lease.check(), LeaseLost);
        EXPECT_THROW(lease.renew(), LeaseLost);
    }
    EXPECT_EQ(read_file(run_.lease()), newer);
}

TEST_F(LeaseTest, a_lease_that_is_gone_is_lost) {
    const auto lease = HeldLease::take(run_, clock_);
    fs::remove(run_.lease());
    EXPECT_THROW(lease.check(), LeaseLost);
}

TEST_F(LeaseTest, the_heartbeat_is_renewed_and_nothing_else_changes) {
    const auto lease = HeldLease::take(run_, clock_);
    change([](Json& json) { json["heartbeat"] = "2026-01-01T00:00:00Z"; });
    const Json before = read_json(run_.lease());
    lease.renew();
    Json after = read_json(run_.lease());
    EXPECT_NE(after["heartbeat"], before["heartbeat"]);
    after["heartbeat"] = before["heartbeat"];
    EXPECT_EQ(after, before);
}

TEST_F(LeaseTest, workers_are_counted_by_their_leases) {
    const fs::path state = folder_.path();
    EXPECT_EQ(workers_alive(state), 0U);
    make_folder(run_.work());
    const auto lease = HeldLease::take(run_, clock_);
    const RunFolder lost(state / "runs" / "r-20260101-0002");
    make_folder(lost.work());
    fs::copy_file(run_.lease(), lost.lease());
    Json json = read_json(lost.lease());
    json["holder"]["started"] = 1;
    write_json(lost.lease(), json);
    make_folder(state / "runs" / "r-20260101-0003" / "work");
    EXPECT_EQ(workers_alive(state), 1U);
}

}  // namespace
}  // namespace patchlab::pipeline
