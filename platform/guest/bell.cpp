// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/bell.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <thread>

#include "channel_scripts.hpp"

namespace patchlab::guest {

namespace {

constexpr int most_reads = 64;  // a guest that rings without end does not hold us here

}  // namespace

GuestCommand ringing(GuestCommand command) {
    command.argv = shell_words(embedded::channel_scripts::file("ring_afterwards.sh"), command.argv);
    return command;
}

bool Bell::listen() {
    if (fd_) drain();
    if (!fd_) fd_ = connect_to(socket_);
    return static_cast<bool>(fd_);
}

bool Bell::wait(Seconds time) {
    if (!fd_) {
        std::this_thread::sleep_for(time);
        return false;
    }
    return wait_for(fd_.get(), POLLIN, Deadline(time)) && drain();
}

bool Bell::drain() {
    bool any = false;
    char bytes[256];
    for (int reads = 0; reads < most_reads; ++reads) {
        const ssize_t got = ::recv(fd_.get(), bytes, sizeof bytes, 0);
        if (got > 0) any = true;
        else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return any;
        else if (got == 0 || errno != EINTR) {
            fd_.reset();  // the machine is gone, or its QEMU closed the port
            return any;
        }
    }
    return any;
}

}  // namespace patchlab::guest
