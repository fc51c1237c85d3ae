// SPDX-License-Identifier: Apache-2.0
//
// One attempt of a run on a lab host, from the first call of the head to the delivered evidence.
// The run is worked in a process of its own, which ends with this one; meanwhile this one reports
// to the head. When the head has not been reached for too long, or another attempt has the run, the
// sandbox is ended and nothing is delivered: whoever was taken for dead must not go on. Thread
// safety: one in a process, which must be single-threaded (it forks without exec).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/nodes/host/cache.hpp"
#include "orchestrator/nodes/host/client.hpp"
#include "orchestrator/nodes/host/configuration.hpp"
#include "orchestrator/pipeline/run/run_folder.hpp"
#include "platform/process/command.hpp"

namespace patchlab::nodes {

/// EX_TEMPFAIL: this host could not; nothing was delivered, and another one may try.
inline constexpr int exit_elsewhere = 75;

struct WorkParts {
    fs::path state;
    NodeConfiguration configuration;
    HeadAddress head;
    const Clock* clock = nullptr;
    process::CommandRunner* commands = nullptr;
    std::string backend;  ///< as requests name it
    /// What prepared labs depend on.
    std::function<std::string()> emulator;
    /// What keeps this host from working runs; empty: nothing.
    std::function<std::vector<std::string>()> problems;
    /// Carries the run to its end and gives the exit code; called in a process of its own.
    std::function<int(const pipeline::RunFolder&)> work;
    /// Takes this host out of service.
    std::function<void(const std::string& reason)> drain;
    std::function<void(const std::string& text)> report;
};

/// Gives the exit code: of the verdict when it was delivered, else exit_elsewhere, or 3 for a run
/// that was cancelled. Error(not_found) when the head has no such run.
int work_attempt(const WorkParts& parts, const std::string& run, int attempt);

}  // namespace patchlab::nodes
