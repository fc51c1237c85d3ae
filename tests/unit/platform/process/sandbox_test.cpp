// SPDX-License-Identifier: Apache-2.0
#include "platform/process/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

namespace patchlab::process {
namespace {

/// Ends with the number of the first of these attempts that works; 0 when none does.
int first_that_works(int inherited) {
    int attempt = 0;
    const auto works = [&](bool done) {
        ++attempt;
        return done;
    };
    if (works(::open("/etc/passwd", O_RDONLY) >= 0)) return attempt;
    if (works(::open("made", O_WRONLY | O_CREAT, 0600) >= 0)) return attempt;
    if (works(::unlink("there") == 0)) return attempt;
    if (works(::socket(AF_INET, SOCK_STREAM, 0) >= 0)) return attempt;
    if (works(::kill(::getppid(), 0) == 0)) return attempt;
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    if (works(child > 0)) return attempt;
    char* const words[] = {nullptr};
    ::execve("/bin/true", words, words);
    if (works(errno != EPERM)) return attempt;
    // what is open is still of use, and so is memory
    char byte = 0;
    if (works(::read(inherited, &byte, 1) != 1)) return attempt;
    const std::vector<std::string> much(1000, std::string(1000, 'x'));
    return works(much.size() != 1000) ? attempt : 0;
}

int status_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

int status_of_closed_off(bool as_nobody) {
    const int inherited = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    const pid_t child = ::fork();
    if (child == 0) {
        if (as_nobody && ::setresuid(65534, 65534, 65534) != 0) ::_exit(200);
        try {
            close_off();
        } catch (...) {
            ::_exit(201);
        }
        ::_exit(first_that_works(inherited));
    }
    ::close(inherited);
    return status_of(child);
}

TEST(Sandbox, leaves_nothing_but_what_is_open_and_memory) {
    EXPECT_EQ(status_of_closed_off(false), 0);
}

/// 0: the process could do what a server does, and nothing more.
int status_of_server() {
    const pid_t child = ::fork();
    if (child == 0) {
        const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        sockaddr address{};
        address.sa_family = AF_UNIX;
        if (::bind(listener, &address, sizeof(sa_family_t)) != 0 || ::listen(listener, 1) != 0)
            ::_exit(200);
        close_off(Sockets::serve);
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) ::_exit(1);
        if (::accept4(listener, nullptr, nullptr, 0) >= 0 || errno != EAGAIN) ::_exit(2);
        if (::socket(AF_UNIX, SOCK_STREAM, 0) >= 0) ::_exit(3);
        if (::connect(ends[0], &address, sizeof address) == 0 || errno != EPERM) ::_exit(4);
        if (::open("/etc/passwd", O_RDONLY) >= 0) ::_exit(5);
        ::_exit(0);
    }
    return status_of(child);
}

TEST(Sandbox, of_a_server_takes_connections_and_makes_none) { EXPECT_EQ(status_of_server(), 0); }

TEST(Sandbox, needs_no_root) {
    if (::geteuid() != 0) GTEST_SKIP() << "nobody tried it already";
    EXPECT_EQ(status_of_closed_off(true), 0);
}

}  // namespace
}  // namespace patchlab::process
