// SPDX-License-Identifier: Apache-2.0
#include "platform/process/processor_time.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace patchlab::process {
namespace {

/// A process that waits until it is killed, in a session of its own as an emulator is.
class Sleeper {
  public:
    Sleeper() : pid_(::fork()) {
        if (pid_ != 0) {
            while (::getsid(pid_) != pid_) ::usleep(1000);  // until it has one
            return;
        }
        ::setsid();
        for (;;) ::pause();
    }
    ~Sleeper() { end(); }
    void end() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    pid_t pid() const { return pid_; }
    int nice() const { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(pid_)); }
    std::string group() const {
        std::ifstream file("/proc/" + std::to_string(pid_) + "/autogroup");
        std::string line;
        std::getline(file, line);
        return line.substr(
            std::min(line.size(), line.find(' ')));  // "" where the kernel has no such groups
    }

  private:
    pid_t pid_;
};

TEST(ScopedPriority, lasts_as_long_as_it_lives_and_leaves_what_was) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root may take precedence";
    const Sleeper sleeper;
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(sleeper.pid()), 3);
    const std::string group = sleeper.group();
    {
        const ScopedPriority first({sleeper.pid()});
        EXPECT_EQ(sleeper.nice(), -7);
        if (!group.empty()) {
            EXPECT_EQ(sleeper.group(), " nice -10");
        }
    }
    EXPECT_EQ(sleeper.nice(), 3);
    EXPECT_EQ(sleeper.group(), group);
}

TEST(ScopedPriority, of_a_process_that_ends_meanwhile_or_never_was_is_no_error) {
    Sleeper sleeper;
    const ScopedPriority first({sleeper.pid(), 1 << 22});
    sleeper.end();
}

}  // namespace
}  // namespace patchlab::process
