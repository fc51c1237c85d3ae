// SPDX-License-Identifier: Apache-2.0
#include "platform/process/identity.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "platform/process/cell.hpp"

namespace patchlab::process {
namespace {

/// A child of ours that waits, and tells who it is. `name`: what its program is called.
class Child {
  public:
    explicit Child(const char* name = "child") {
        std::array<int, 2> ready{};
        if (::pipe(ready.data()) != 0) throw std::runtime_error("no pipe");
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_NAME, name);
            const ProcessIdentity self = this_process();
            static_cast<void>(!::write(ready[1], &self.started, sizeof self.started));
            for (;;) ::pause();
        }
        identity = this_process();
        identity.pid = pid_;
        static_cast<void>(!::read(ready[0], &identity.started, sizeof identity.started));
        ::close(ready[0]);
        ::close(ready[1]);
    }
    ~Child() {
        ::kill(pid_, SIGKILL);
        if (!waited_) ::waitpid(pid_, nullptr, 0);
    }
    void kill() const { ::kill(pid_, SIGKILL); }
    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        waited_ = true;
        return status;
    }
    ProcessIdentity identity;

  private:
    pid_t pid_ = 0;
    bool waited_ = false;
};

TEST(ProcessIdentity, a_process_is_itself) {
    EXPECT_EQ(this_process(), this_process());
    EXPECT_TRUE(is_running(this_process()));
    EXPECT_EQ(this_process().pid, ::getpid());
}

TEST(ProcessIdentity, another_process_with_the_same_number_is_not_believed) {
    const Child child;
    EXPECT_TRUE(is_running(child.identity));
    ProcessIdentity other = child.identity;
    other.started += 1;
    EXPECT_FALSE(is_running(other));
    EXPECT_FALSE(signal_process(other, SIGKILL));
    other = child.identity;
    other.boot = "another boot";
    EXPECT_FALSE(signal_process(other, SIGKILL));
    other = child.identity;
    other.pid_namespace = "pid:[1]";
    EXPECT_FALSE(signal_process(other, SIGKILL));
    EXPECT_TRUE(is_running(child.identity)) << "nothing was sent to it";
}

TEST(ProcessIdentity, a_killed_process_is_gone_at_once_though_nobody_has_waited_for_it) {
    Child child;
    const UniqueFd end = open_process(child.identity);
    child.kill();
    pollfd ended{end.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&ended, 1, 5000), 1) << "its descriptor announces the end";
    EXPECT_FALSE(is_running(child.identity));
    child.wait();
    EXPECT_FALSE(is_running(child.identity));
}

TEST(ProcessIdentity, a_signal_reaches_exactly_that_process) {
    Child child;
    EXPECT_TRUE(signal_process(child.identity, SIGTERM));
    EXPECT_EQ(WTERMSIG(child.wait()), SIGTERM);
    EXPECT_FALSE(signal_process(child.identity, SIGTERM));
}

TEST(ProcessIdentity, a_program_may_be_called_anything) {
    const Child child("a) S 1 (b c");
    EXPECT_TRUE(is_running(child.identity));
}

TEST(ProcessIdentity, a_process_outside_of_a_cell_is_not_visible_in_it) {
    if (!cells_available()) GTEST_SKIP() << "no namespaces here";
    const ProcessIdentity outside = this_process();
    const CellStatus status = run_in_cell({}, [&](bool) {
        return is_visible(outside) || is_running(outside) || !is_running(this_process()) ? 1 : 0;
    });
    EXPECT_EQ(status.exit_code, 0);
}

}  // namespace
}  // namespace patchlab::process
