// SPDX-License-Identifier: Apache-2.0
//
// Where a service is reached, and who is at the other end.
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "orchestrator/service/wire/connection.hpp"
#include "platform/core/error.hpp"

namespace patchlab::service {

namespace {

constexpr int backlog = 128;

sockaddr_un address_of(const fs::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().empty() || path.native().size() >= sizeof address.sun_path)
        throw Error(ErrorCode::usage, "'" + path.string() + "' cannot be a socket: its path is " +
                                          (path.empty() ? "empty" : "too long"));
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    return address;
}

UniqueFd new_socket() {
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) throw Error(ErrorCode::lab, std::string("no socket: ") + std::strerror(errno));
    return socket;
}

bool connects(int socket, const sockaddr_un& address) {
    return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void give_to(const fs::path& path, const std::string& name) {
    if (name.empty()) return;
    const group* found = ::getgrnam(name.c_str());
    if (!found)
        throw Error(ErrorCode::lab, "there is no group '" + name + "' on this host",
                    "make it: groupadd --system " + name);
    if (::chown(path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0)
        throw Error(ErrorCode::lab,
                    "the socket cannot be given to group '" + name + "': " + std::strerror(errno));
}

}  // namespace

Peer peer_of(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        throw Error(ErrorCode::lab, std::string("who calls is not known: ") + std::strerror(errno));
    return {peer.uid};
}

UniqueFd connect_to(const fs::path& path) {
    const sockaddr_un address = address_of(path);
    UniqueFd socket = new_socket();
    if (connects(socket.get(), address)) return socket;
    const int failed = errno;
    std::string advice = "see: systemctl status patchlab.socket patchlab.service";
    if (failed == EACCES) advice = "its users are members of the group patchlab";
    throw Error(ErrorCode::lab,
                "no service answers at " + path.string() + ": " + std::strerror(failed), advice);
}

UniqueFd listen_at(const fs::path& path, const std::string& group) {
    const sockaddr_un address = address_of(path);
    struct stat there {};
    if (::lstat(path.c_str(), &there) == 0) {
        if (!S_ISSOCK(there.st_mode))
            throw Error(ErrorCode::conflict, path.string() + " is there, and is no socket");
        if (connects(new_socket().get(), address))
            throw Error(ErrorCode::conflict, "a service listens at " + path.string() + " already");
        ::unlink(path.c_str());
    }
    UniqueFd socket = new_socket();
    const mode_t before = ::umask(0117);  // 0660 from its first moment
    const int failed =
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
            ? 0
            : errno;
    ::umask(before);
    if (failed)
        throw Error(ErrorCode::lab,
                    "cannot listen at " + path.string() + ": " + std::strerror(failed));
    give_to(path, group);
    if (::listen(socket.get(), backlog) != 0)
        throw Error(ErrorCode::lab,
                    "cannot listen at " + path.string() + ": " + std::strerror(errno));
    return socket;
}

}  // namespace patchlab::service
