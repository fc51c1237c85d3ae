// SPDX-License-Identifier: Apache-2.0
//
// This program once more, as a process that outlives us: a session of its own, nothing on its
// standard input, what it says in a file. Thread safety: may be called from several threads.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace patchlab::process {

/// Starts /proc/self/exe with these arguments (without argv[0]): the very program that runs, also
/// after an upgrade has replaced its file. `log`: appended to, 0600; its folder must exist. The
/// caller may wait for the process. Error(lab) "cannot start WHAT: …".
pid_t start_detached(std::vector<std::string> args, const std::filesystem::path& log,
                     const std::string& what);

/// The same, and waits until `ready` says that the process is at work, or it has ended: whoever is
/// told that it goes on may ask something of it at once.
void start_detached_until(const std::function<bool()>& ready, std::vector<std::string> args,
                          const std::filesystem::path& log, const std::string& what);

}  // namespace patchlab::process
