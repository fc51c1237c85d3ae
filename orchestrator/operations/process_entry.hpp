// SPDX-License-Identifier: Apache-2.0
//
// What main() asks before it reads the command line.
#pragma once

#include <optional>

namespace patchlab::operations {

/// Guest filesystems are parsed in a child process without rights, which is this program again. In
/// such a child it does the work and gives the exit code.
std::optional<int> run_if_child(int argc, char** argv);

/// A new image boots once in the very process that builds it, not in a worker: then libvirt's own
/// messages must stay away from the terminal. May start the program anew.
void prepare_to_build_images(char** argv);

}  // namespace patchlab::operations
