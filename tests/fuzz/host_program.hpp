// SPDX-License-Identifier: Apache-2.0
//
// Programs of this host that make what fuzzers begin with.
#pragma once

#include <string>
#include <vector>

#include "platform/process/command.hpp"

namespace patchlab::tests {

/// Runs it and requires that it succeeds.
inline void host_program(const std::string& program, const std::vector<std::string>& args) {
    process::SystemCommandRunner runner;
    process::CommandSpec spec;
    spec.program = program;
    spec.args = args;
    spec.purpose = "making the image";
    runner.require(spec);
}

}  // namespace patchlab::tests
