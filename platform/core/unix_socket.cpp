// SPDX-License-Identifier: Apache-2.0
#include "platform/core/unix_socket.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"

namespace patchlab {

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

void remove_left_socket(const fs::path& path) {
    struct stat there {};
    if (::lstat(path.c_str(), &there) != 0) return;
    if (!S_ISSOCK(there.st_mode))
        throw Error(ErrorCode::conflict, path.string() + " is there, and is no socket");
    if (connect_to_path(path))
        throw Error(ErrorCode::conflict, "a service listens at " + path.string() + " already");
    ::unlink(path.c_str());
}

[[noreturn]] void cannot_listen(const fs::path& path, int reason) {
    throw Error(ErrorCode::lab, "cannot listen at " + path.string() + ": " + std::strerror(reason));
}

}  // namespace

UniqueFd connect_to_path(const fs::path& path) {
    const sockaddr_un address = address_of(path);
    UniqueFd socket = new_socket();
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return socket;
    const int reason = errno;
    socket = UniqueFd();
    errno = reason;
    return socket;
}

UniqueFd listen_at_path(const fs::path& path, const std::string& group) {
    const sockaddr_un address = address_of(path);
    remove_left_socket(path);
    UniqueFd socket = new_socket();
    const mode_t before = ::umask(0117);
    const int failed =
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
            ? 0
            : errno;
    ::umask(before);
    if (failed != 0) cannot_listen(path, failed);
    give_to(path, group);
    if (::listen(socket.get(), backlog) != 0) cannot_listen(path, errno);
    return socket;
}

}  // namespace patchlab
