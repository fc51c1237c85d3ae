// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/back/front_child.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "orchestrator/service/wire/connection.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::service {

namespace {

std::pair<UniqueFd, UniqueFd> pair_of(int type) {
    int ends[2];
    if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
        throw Error(ErrorCode::lab, std::string("no pair of sockets: ") + std::strerror(errno));
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

FrontChild start_front(const std::function<int(UniqueFd door)>& front) {
    auto [ours, theirs] = pair_of(SOCK_SEQPACKET);
    const pid_t pid = ::fork();
    if (pid < 0) throw Error(ErrorCode::lab, std::string("no front: ") + std::strerror(errno));
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // without its back it has nothing to say
        ours.reset();
        int code = 3;
        try {
            code = front(std::move(theirs));
        } catch (const std::exception& error) {
            log_error(std::string("the front ended: ") + error.what());
        }
        ::_exit(code);
    }
    return {std::move(ours), pid};
}

UniqueFd open_through(int door) {
    auto [ours, theirs] = pair_of(SOCK_STREAM);
    if (!hand_over(door, theirs.get(), "connection"))
        throw Error(ErrorCode::lab, "the back has gone");
    return std::move(ours);
}

}  // namespace patchlab::service
