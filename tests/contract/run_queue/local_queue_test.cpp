// SPDX-License-Identifier: Apache-2.0
//
// What the queue of this host does besides the contract: it believes no process id.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrator/pipeline/run/lease.hpp"
#include "orchestrator/pipeline/run/local_queue.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {
namespace {

class SetClock final : public Clock {
  public:
    TimePoint now() const override { return at; }
    TimePoint at = from_rfc3339("2026-01-01T12:00:00Z");
};

/// A process that has nothing to do with any run.
class Bystander {
  public:
    Bystander() : pid_(::fork()) {
        if (pid_ == 0)
            for (;;) ::pause();
    }
    ~Bystander() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    pid_t pid() const { return pid_; }
    bool is_well() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

  private:
    pid_t pid_;
};

class LocalQueueTest : public testing::Test {
  protected:
    LocalQueueTest() {
        make_folder(run_.root());
        RunState state;
        state.id = run_.id();
        state.progress = RunProgress::running;
        run_.save(state);
    }
    /// Leaves a lease whose holder is like this process, but for what `change` does to it.
    void leave_lease(const std::function<void(Json& holder)>& change) {
        { const auto lease = HeldLease::take(run_, clock_); }
        Json json = read_json(run_.lease());
        json["released"] = false;
        change(json["holder"]);
        write_json(run_.lease(), json);
    }
    ErrorCode refusal_of(const std::function<void()>& action) {
        try {
            action();
        } catch (const Error& error) {
            return error.code();
        }
        ADD_FAILURE() << "nothing was refused";
        return ErrorCode::internal;
    }

    TempFolder folder_{fs::temp_directory_path(), "local-queue"};
    RunFolder run_{folder_.path() / "r-20260101-0001"};
    SetClock clock_;
    LocalQueue queue_{clock_, [](const RunFolder& run) {
                          return std::vector<std::string>{"small-worker", run.root().string()};
                      }};
};

TEST_F(LocalQueueTest, does_not_kill_a_process_that_was_given_the_number_of_a_lost_worker) {
    const Bystander bystander;
    leave_lease([&](Json& holder) { holder["pid"] = bystander.pid(); });  // started later than we
    EXPECT_EQ(queue_.alive(run_), Presence::gone);
    queue_.cancel(run_);
    EXPECT_EQ(run_.load().progress, RunProgress::cancelled);
    EXPECT_TRUE(bystander.is_well());
}

TEST_F(LocalQueueTest, does_not_kill_a_process_of_another_boot_of_this_host) {
    const Bystander bystander;
    leave_lease([&](Json& holder) {
        holder["pid"] = bystander.pid();
        holder["boot"] = "00000000-0000-0000-0000-000000000000";
    });
    EXPECT_EQ(queue_.alive(run_), Presence::gone) << "the host has been restarted since";
    queue_.cancel(run_);
    EXPECT_TRUE(bystander.is_well());
}

TEST_F(LocalQueueTest, believes_the_heartbeat_of_a_worker_on_another_host) {
    leave_lease([](Json& holder) {
        holder["host"] = "elsewhere";
        holder["boot"] = "00000000-0000-0000-0000-000000000000";
    });
    EXPECT_EQ(queue_.alive(run_), Presence::working);
    EXPECT_EQ(refusal_of([&] { queue_.submit(run_); }), ErrorCode::conflict);
    EXPECT_EQ(refusal_of([&] { queue_.cancel(run_); }), ErrorCode::conflict);
    clock_.at += lost_after;
    EXPECT_EQ(queue_.alive(run_), Presence::gone);
    queue_.submit(run_);
    EXPECT_EQ(queue_
                  .follow(
                      run_, [](const Json&) {}, [] { return false; })
                  .progress,
              RunProgress::finished);
    EXPECT_EQ(newest_attempt(run_), 2);
}

TEST_F(LocalQueueTest, says_so_when_a_worker_ends_before_it_has_begun) {
    write_file_atomic(run_.root() / "refuse", "");
    const std::string before = read_file(run_.state_file());
    EXPECT_EQ(refusal_of([&] { queue_.submit(run_); }), ErrorCode::lab);
    EXPECT_EQ(read_file(run_.state_file()), before);
    EXPECT_EQ(queue_.alive(run_), Presence::gone);
}

}  // namespace
}  // namespace patchlab::pipeline
