// SPDX-License-Identifier: Apache-2.0
//
// Where a service is reached, and who is at the other end.
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "orchestrator/service/wire/connection.hpp"
#include "platform/core/error.hpp"
#include "platform/core/unix_socket.hpp"

namespace patchlab::service {

Peer peer_of(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        throw Error(ErrorCode::lab, std::string("who calls is not known: ") + std::strerror(errno));
    return {peer.uid};
}

UniqueFd connect_to(const fs::path& path) {
    UniqueFd socket = connect_to_path(path);
    if (socket) return socket;
    const int failed = errno;
    std::string advice = "see: systemctl status patchlab.socket patchlab.service";
    if (failed == EACCES) advice = "its users are members of the group patchlab";
    throw Error(ErrorCode::lab,
                "no service answers at " + path.string() + ": " + std::strerror(failed), advice);
}

}  // namespace patchlab::service
