// SPDX-License-Identifier: Apache-2.0
#include "platform/process/cell.hpp"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::process {
namespace {

/// A process in the cell that has cut every tie, as QEMU's -daemonize does. It inherits the write
/// ends of the test's pipes: their reader sees the end when the last such process is gone.
void start_daemon() {
    if (::fork() == 0) {
        ::setsid();
        if (::fork() != 0) ::_exit(0);
        ::signal(SIGTERM, SIG_IGN);
        ::signal(SIGHUP, SIG_IGN);
        for (;;) ::pause();
    }
    while (::waitpid(-1, nullptr, 0) < 0 && errno == EINTR) {
    }
}

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
        read = UniqueFd(ends[0]);
        write = UniqueFd(ends[1]);
    }
    void wait_for_byte() const {
        char byte = 0;
        EXPECT_EQ(::read(read.get(), &byte, 1), 1);
    }
    /// Blocks until nobody holds the write end; the timeout of the test guards it.
    void wait_for_end() const {
        char byte = 0;
        EXPECT_EQ(::read(read.get(), &byte, 1), 0);
    }
    void signal() const { static_cast<void>(!::write(write.get(), "x", 1)); }
    UniqueFd read;
    UniqueFd write;
};

std::set<std::string> network_devices() {
    std::set<std::string> names;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return names;
    for (const ifaddrs* item = list; item; item = item->ifa_next) names.insert(item->ifa_name);
    ::freeifaddrs(list);
    return names;
}

class Cell : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!cells_available())
            GTEST_SKIP() << "this host lets us create no namespaces (not root?)";
    }
};

TEST_F(Cell, passes_the_exit_code_and_the_signal_through) {
    EXPECT_EQ(run_in_cell({}, [](bool isolated) { return isolated ? 42 : 1; }).exit_code, 42);
    const CellStatus killed = run_in_cell({}, [](bool) {
        ::raise(SIGKILL);
        return 0;
    });
    EXPECT_EQ(killed.exit_code, -1);
    EXPECT_EQ(killed.signal, SIGKILL);
}

TEST_F(Cell, ends_the_child_when_the_body_throws_and_never_unwinds_into_the_caller) {
    const CellStatus status = run_in_cell({}, [](bool) -> int {
        static_cast<void>(::freopen("/dev/null", "w", stderr));  // the runtime's message about it
        throw Error(ErrorCode::internal, "thrown by a body");
    });
    EXPECT_EQ(status.signal, SIGABRT);
}

TEST_F(Cell, leaves_nothing_behind_when_the_body_ends) {
    Pipe held;
    EXPECT_EQ(run_in_cell({},
                          [&](bool) {
                              start_daemon();
                              return 0;
                          })
                  .exit_code,
              0);
    held.write.reset();
    held.wait_for_end();
}

TEST_F(Cell, dies_with_everything_in_it_when_the_caller_is_killed) {
    Pipe ready;
    Pipe held;
    const pid_t caller = ::fork();
    if (caller == 0) {
        run_in_cell({}, [&](bool) {
            start_daemon();
            ready.signal();
            for (;;) ::pause();
            return 0;
        });
        ::_exit(0);
    }
    held.write.reset();
    ready.wait_for_byte();
    ::kill(caller, SIGKILL);
    ::waitpid(caller, nullptr, 0);
    held.wait_for_end();
}

TEST_F(Cell, is_gone_before_run_in_cell_returns_even_when_its_keeper_is_killed) {
    Pipe held;
    Pipe ready;
    CellOptions options;
    options.on_started = [&](int keeper) {
        if (::fork() == 0) {
            held.write.reset();
            ready.wait_for_byte();
            ::kill(keeper, SIGKILL);
            ::_exit(0);
        }
    };
    const CellStatus status = run_in_cell(options, [&](bool) {
        start_daemon();
        ready.signal();
        for (;;) ::pause();
        return 0;
    });
    EXPECT_EQ(status.signal, SIGKILL);
    ::wait(nullptr);
    held.write.reset();
    ::fcntl(held.read.get(), F_SETFL, O_NONBLOCK);
    held.wait_for_end();  // at once, without waiting: EAGAIN would fail
}

TEST_F(Cell, hands_sigterm_to_the_body_so_that_it_can_clean_up) {
    Pipe ready;
    CellOptions options;
    options.on_started = [&](int keeper) {
        if (::fork() == 0) {
            ready.wait_for_byte();
            ::kill(keeper, SIGTERM);
            ::_exit(0);
        }
    };
    const CellStatus status = run_in_cell(options, [&](bool) {
        static volatile sig_atomic_t told = 0;
        sigset_t blocked;
        ::sigemptyset(&blocked);
        ::sigaddset(&blocked, SIGTERM);
        ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
        ::signal(SIGTERM, [](int) { told = 1; });
        ready.signal();
        sigset_t none;
        ::sigemptyset(&none);
        while (!told) ::sigsuspend(&none);
        return 9;
    });
    ::wait(nullptr);
    EXPECT_EQ(status.exit_code, 9);
}

TEST_F(Cell, sees_a_loopback_device_only_and_it_works) {
    const std::set<std::string> outside = network_devices();
    const CellStatus status = run_in_cell({}, [&](bool) {
        if (network_devices() != std::set<std::string>{"lo"}) return 1;
        ifaddrs* list = nullptr;
        ::getifaddrs(&list);
        bool up = false;
        for (const ifaddrs* item = list; item; item = item->ifa_next)
            up |= (item->ifa_flags & IFF_UP) && (item->ifa_flags & IFF_MULTICAST);
        ::freeifaddrs(list);
        // 224.0.0.0/4 on lo, as the kernel prints it
        const std::string routes = read_file("/proc/net/route");
        if (routes.find("lo\t000000E0") == std::string::npos) return 2;
        return up ? 0 : 3;
    });
    EXPECT_EQ(status.exit_code, 0);
    EXPECT_EQ(network_devices(), outside);
}

TEST_F(Cell, keeps_the_hosts_network_when_it_is_told_so) {
    CellOptions options;
    options.private_network = false;
    const std::set<std::string> outside = network_devices();
    EXPECT_EQ(
        run_in_cell(options, [&](bool) { return network_devices() == outside ? 0 : 1; }).exit_code,
        0);
}

TEST_F(Cell, mounts_inside_are_not_seen_outside) {
    const TempFolder folder(fs::temp_directory_path(), "patchlab-test");
    EXPECT_EQ(run_in_cell({},
                          [&](bool) {
                              if (::mount("none", folder.path().c_str(), "tmpfs", 0, nullptr) != 0)
                                  return 1;
                              std::ofstream(folder.path() / "inside") << "x";
                              return fs::exists(folder.path() / "inside") ? 0 : 2;
                          })
                  .exit_code,
              0);
    EXPECT_FALSE(fs::exists(folder.path() / "inside"));
}

TEST_F(Cell, sees_its_own_processes_only_and_reaps_orphans) {
    EXPECT_EQ(run_in_cell({},
                          [&](bool) {
                              if (::getpid() > 3) return 1;
                              Pipe end;
                              if (::fork() == 0) {
                                  if (::fork() != 0) ::_exit(0);
                                  ::_exit(0);  // orphaned, to be reaped by pid 1
                              }
                              ::wait(nullptr);
                              end.write.reset();
                              // sooner or later only pid 1 and we are left; the timeout of the test
                              // is the deadline
                              for (;;) {
                                  int processes = 0;
                                  for (const auto& entry : fs::directory_iterator("/proc"))
                                      processes += std::isdigit(static_cast<unsigned char>(
                                                       entry.path().filename().string()[0])) != 0;
                                  if (processes == 2) return 0;
                              }
                          })
                  .exit_code,
              0);
}

TEST_F(Cell, runs_commands_inside) {
    EXPECT_EQ(run_in_cell({},
                          [](bool) {
                              CommandSpec spec;
                              spec.program = "sh";
                              spec.args = {"-c", "cd /sys/class && cat /proc/net/dev | wc -l"};
                              return SystemCommandRunner().run(spec).out == "3\n" ? 0 : 1;
                          })
                  .exit_code,
              0);
}

TEST_F(Cell, leaves_the_callers_locks_and_children_alone) {
    const TempFolder folder(fs::temp_directory_path(), "patchlab-test");
    auto lock = FileLock::try_acquire(folder.path() / "lock");
    run_in_cell({}, [](bool) { return 0; });
    EXPECT_TRUE(FileLock::is_held(folder.path() / "lock"));
}

/// Without privileges: in a child that has given them up, since gtest itself runs as root here.
template <typename Test>
int as_nobody(Test test) noexcept {
    const pid_t pid = ::fork();
    if (pid == 0) {
        if (::getuid() == 0 &&
            (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0))
            ::_exit(99);
        ::_exit(test());
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(PlainCell, runs_the_body_without_namespaces_and_tells_it_so) {
    const int code = as_nobody([] {
        const CellStatus status = run_in_cell({}, [](bool isolated) { return isolated ? 1 : 21; });
        return status.exit_code;
    });
    EXPECT_EQ(code, 21);
}

TEST(PlainCell, the_body_dies_with_its_parent_too) {
    Pipe held;
    Pipe ready;
    EXPECT_EQ(as_nobody([&] {
                  const pid_t caller = ::fork();
                  if (caller == 0) {
                      run_in_cell({}, [&](bool) {
                          ready.signal();
                          for (;;) ::pause();
                          return 0;
                      });
                      ::_exit(0);
                  }
                  ready.wait_for_byte();
                  ::kill(caller, SIGKILL);
                  ::waitpid(caller, nullptr, 0);
                  return 0;
              }),
              0);
    held.write.reset();
    held.wait_for_end();
}

}  // namespace
}  // namespace patchlab::process
