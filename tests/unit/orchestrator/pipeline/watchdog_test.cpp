// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/boot_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

namespace patchlab::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A process that would never end by itself.
class Hanging {
  public:
    Hanging() : pid_(::fork()) {
        if (pid_ == 0)
            for (;;) ::pause();
    }
    ~Hanging() {
        if (pid_ < 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Hanging(const Hanging&) = delete;
    Hanging& operator=(const Hanging&) = delete;

    int pid() const { return pid_; }
    bool lives() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }
    /// Blocks, as a caller of the hypervisor would.
    void wait_for_end() {
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

  private:
    pid_t pid_;
};

TEST(LiveEmulators, are_those_of_every_session_that_lives) {
    LiveEmulators all;
    LiveEmulators::Entry patched(all);
    patched.add(11);
    {
        LiveEmulators::Entry beside(all);
        beside.add(22);
        EXPECT_THAT(all.pids(), ElementsAre(11, 22));
        beside.add(33);
        beside.remove(22);
        EXPECT_THAT(all.pids(), ElementsAre(11, 33));
    }
    EXPECT_THAT(all.pids(), ElementsAre(11));
    patched.clear();
    EXPECT_THAT(all.pids(), IsEmpty());
}

TEST(Watchdog, ends_the_emulators_of_all_sessions_whichever_thread_opened_them) {
    LiveEmulators all;
    Hanging first, second, spared;
    LiveEmulators::Entry patched(all);
    patched.add(first.pid());
    std::promise<void> entered;
    auto other = std::async(std::launch::async, [&] {
        LiveEmulators::Entry clone(all);
        clone.add(spared.pid());
        clone.add(second.pid());
        clone.remove(spared.pid());
        entered.set_value();
        second.wait_for_end();
    });
    entered.get_future().wait();
    const Watchdog watchdog(Seconds(0.05), [&] { all.kill_all(); });
    first.wait_for_end();
    other.get();
    EXPECT_TRUE(spared.lives()) << "its session had taken it out";
}

TEST(Watchdog, does_nothing_when_the_stage_comes_back_in_time) {
    LiveEmulators all;
    Hanging emulator;
    LiveEmulators::Entry entry(all);
    entry.add(emulator.pid());
    {
        const Watchdog watchdog(Seconds(30), [&] { all.kill_all(); });
    }
    EXPECT_TRUE(emulator.lives());
}

}  // namespace
}  // namespace patchlab::pipeline
