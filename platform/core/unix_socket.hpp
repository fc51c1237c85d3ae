// SPDX-License-Identifier: Apache-2.0
//
// Stream sockets that have a path. Thread safety: listen_at_path() changes the umask of the process
// for a moment; the rest is thread-safe.
#pragma once

#include <string>

#include "platform/core/files.hpp"

namespace patchlab {

/// A socket that is connected to this path; none, and errno, when nobody answers there.
/// Error(usage) when the path is too long for a socket.
UniqueFd connect_to_path(const fs::path& path);

/// Listens at this path, 0660 from its first moment, of this group (empty: of its own). A socket
/// that nobody listens at any more is replaced. Error(conflict) when somebody does, or when the
/// path is another thing; Error(usage) as above; Error(lab) with the reason of the kernel.
UniqueFd listen_at_path(const fs::path& path, const std::string& group = {});

}  // namespace patchlab
