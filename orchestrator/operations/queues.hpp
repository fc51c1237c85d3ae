// SPDX-License-Identifier: Apache-2.0
//
// The queues of an installation: this host, and Slurm. Runs that Slurm has are looked after by one
// process, the queue keeper, which begins with the first of them and ends with the last.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "orchestrator/pipeline/run/queue_choice.hpp"
#include "orchestrator/pipeline/slurm/run_job.hpp"
#include "platform/core/clock.hpp"
#include "platform/process/command.hpp"

namespace patchlab::operations {

class Session;

struct QueueOptions {
    std::string usual = "local";  ///< "local" or "slurm"
    pipeline::RunJobOptions job;  ///< of runs on Slurm
};

std::unique_ptr<pipeline::QueueChoice> make_queues(const QueueOptions& options,
                                                   const std::filesystem::path& state,
                                                   process::CommandRunner& commands,
                                                   const Clock& clock);

/// The hidden verb `internal-queue-keeper`: looks after every run of the state that Slurm has, and
/// returns when there is none, or another process does.
int keep_queue(Session& session);

}  // namespace patchlab::operations
