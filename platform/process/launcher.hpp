// SPDX-License-Identifier: Apache-2.0
//
// The launcher of our own for Boost.Process (docs/adr/0001-posix-spawn.md says why not its own): a
// command becomes a process that leads a session, has three descriptors and starts as from a shell.
// Private to this folder.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "platform/process/command.hpp"

namespace patchlab::process {

/// The descriptors that become 0, 1 and 2 of the process. They must be above these, and close when
/// a program is started.
struct StandardFds {
    int in = -1;
    int out = -1;
    int err = -1;
};

/// Starts `program` and gives its process id. Error(lab) when it cannot be started.
pid_t launch(const CommandSpec& spec, const std::filesystem::path& program,
             const StandardFds& standard);

}  // namespace patchlab::process
