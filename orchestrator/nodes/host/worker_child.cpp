// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/host/worker_child.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "platform/core/error.hpp"

namespace patchlab::nodes {

namespace {

[[noreturn]] void run_child(const std::function<int()>& body, pid_t parent) noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    const int code = body();  // an exception must not unwind into the caller's frames
    std::cout.flush();
    std::cerr.flush();
    std::fflush(nullptr);
    ::_exit(code & 0xff);
}

}  // namespace

WorkerChild::WorkerChild(const std::function<int()>& body) {
    std::cout.flush();
    std::cerr.flush();
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        throw Error(ErrorCode::lab,
                    std::string("cannot start the worker: ") + std::strerror(errno));
    if (pid_ == 0) run_child(body, parent);
    pidfd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

std::optional<int> WorkerChild::wait(Seconds time) {
    if (pid_ < 0) return -1;
    pollfd ended{pidfd_.get(), POLLIN, 0};
    ::poll(&ended, 1, static_cast<int>(time.count() * 1000));
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void WorkerChild::kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
}

}  // namespace patchlab::nodes
