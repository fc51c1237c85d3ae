// SPDX-License-Identifier: Apache-2.0
//
// The front (HTTP) is a child without rights that has one descriptor for the back: its door. For
// each connection it makes a pair of sockets and hands one end through the door, so that it needs
// no path, no file system and no right to connect to anything.
#pragma once

#include <sys/types.h>

#include <functional>

#include "platform/core/files.hpp"

namespace patchlab::service {

struct FrontChild {
    UniqueFd door{};  ///< where it hands connections over
    pid_t pid = 0;    ///< 0: there is none
};

/// Forks; the child does `front(door)` and ends with its result. To be called before anything is
/// opened that the front must not have. Error(lab).
FrontChild start_front(const std::function<int(UniqueFd door)>& front);

/// In the front: a new connection to the back. Error(lab) when the back has gone.
UniqueFd open_through(int door);

}  // namespace patchlab::service
