// SPDX-License-Identifier: Apache-2.0
//
// The whole command line as a function, for the programs that are made of it
// (orchestrator/programs).
#pragma once

#include "orchestrator/operations/backends.hpp"

namespace patchlab::cli {

/// Parses the arguments, calls the operation and prints. `backends`: what runs are worked on.
int run_program(int argc, char** argv, const operations::Backends& backends);

}  // namespace patchlab::cli
