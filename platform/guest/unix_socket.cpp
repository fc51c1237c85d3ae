// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/unix_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"

namespace patchlab::guest {

UniqueFd connect_to(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = socket.string();
    if (path.size() >= sizeof address.sun_path)
        throw Error(ErrorCode::lab, "the path of a guest's socket is too long: " + path,
                    "use a state folder with a shorter path");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        throw Error(ErrorCode::lab, std::string("cannot create a socket: ") + std::strerror(errno));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return {};
    return fd;
}

bool wait_for(int fd, short events, const Deadline& deadline) {
    for (;;) {
        pollfd item{fd, events, 0};
        const int ready = ::poll(
            &item, 1, static_cast<int>(std::min<long long>(deadline.left().count() + 1, 60'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return true;
        if (deadline.passed()) return false;
    }
}

}  // namespace patchlab::guest
