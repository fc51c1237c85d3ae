// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/back/activation.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <sstream>

namespace patchlab::service {

namespace {

constexpr int first_descriptor = 3;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

const std::string& notify_path() {
    static const std::string path = variable("NOTIFY_SOCKET");
    return path;
}

}  // namespace

UniqueFd activated_socket(const std::string& name) {
    if (variable("LISTEN_PID") != std::to_string(::getpid())) return {};
    std::istringstream names(variable("LISTEN_FDNAMES"));
    const int count = std::atoi(variable("LISTEN_FDS").c_str());
    std::string one;
    for (int i = 0; i < count && std::getline(names, one, ':'); ++i)
        if (one == name) {
            const int fd = first_descriptor + i;
            ::fcntl(fd, F_SETFD, FD_CLOEXEC);
            return UniqueFd(fd);
        }
    return {};
}

void forget_activation() {
    notify_path();  // we still have something to say
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET"})
        ::unsetenv(name);
}

void tell_systemd(const std::string& what) {
    const std::string& path = notify_path();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path.front() == '@') address.sun_path[0] = '\0';  // an abstract one
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    ::sendto(socket.get(), what.data(), what.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace patchlab::service
