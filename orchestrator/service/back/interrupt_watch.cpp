// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/back/interrupt_watch.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "platform/process/command.hpp"

namespace patchlab::service {

namespace {

constexpr int exit_of_interrupt = 130;

std::atomic<int> watched{-1};

/// Something came, or the other side has gone: then nothing can be read.
void on_input(int) {
    const int before = errno;
    const int socket = watched;
    char first = 0;
    if (socket >= 0 && ::recv(socket, &first, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
        process::kill_running_commands();
        ::shutdown(socket, SHUT_RDWR);  // the caller sees that it is over
        ::_exit(exit_of_interrupt);
    }
    errno = before;
}

void let_signal(int socket, bool wanted) {
    const int flags = ::fcntl(socket, F_GETFL);
    ::fcntl(socket, F_SETFL, wanted ? flags | O_ASYNC : flags & ~O_ASYNC);
}

}  // namespace

InterruptWatch::InterruptWatch(int connection) : connection_(connection) {
    struct sigaction action {};
    action.sa_handler = on_input;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGIO, &action, nullptr);
    watched = connection;
    ::fcntl(connection, F_SETOWN, ::getpid());
    let_signal(connection, true);
    on_input(SIGIO);  // it may have come before
}

InterruptWatch::~InterruptWatch() {
    asked();
    let_signal(connection_, false);
}

void InterruptWatch::asked() { watched = -1; }

}  // namespace patchlab::service
