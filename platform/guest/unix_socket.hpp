// SPDX-License-Identifier: Apache-2.0
//
// The client's side of the unix sockets that QEMU offers for a guest's ports. Thread safety:
// functions only.
#pragma once

#include <filesystem>

#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"

namespace patchlab::guest {

/// A non-blocking connection; an empty descriptor when there is nobody behind the socket (yet).
/// Error(lab) when the path is too long.
UniqueFd connect_to(const std::filesystem::path& socket);

/// Waits for `events` (poll.h); false at the deadline. True for an error, too: the read or write
/// that follows reports it.
bool wait_for(int fd, short events, const Deadline& deadline);

}  // namespace patchlab::guest
