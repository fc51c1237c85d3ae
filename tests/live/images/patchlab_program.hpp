// SPDX-License-Identifier: Apache-2.0
//
// The program itself, called as a user calls it. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/core/json.hpp"
#include "platform/process/command.hpp"

namespace patchlab::live {

/// Runs `patchlab --state STATE WORDS…`; what it prints for people goes to this process's stderr.
process::CommandResult patchlab(const std::filesystem::path& state,
                                const std::vector<std::string>& words,
                                Seconds deadline = Seconds(120));

/// Runs another program of the host and requires that it succeeds.
void host(const std::string& program, const std::vector<std::string>& args);

}  // namespace patchlab::live
