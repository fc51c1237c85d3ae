// SPDX-License-Identifier: Apache-2.0
//
// What an attempt at a run is as a job: what it needs, and what its host is to do.
#pragma once

#include <string>

#include "orchestrator/pipeline/run/run_folder.hpp"
#include "orchestrator/pipeline/slurm/scheduler.hpp"

namespace patchlab::pipeline {

struct RunJobOptions {
    std::string program = "patchlab";  ///< on the hosts: a name in PATH, or a path
    std::string head;       ///< how the hosts reach the head, PATCHLAB_HEAD; empty: they know
    std::string partition;  ///< empty: Slurm's usual one
    std::string output = "/dev/null";  ///< where a host writes what the job prints; %j: its id
    std::string backend;               ///< PATCHLAB_BACKEND; empty: the usual one
};

/// `patchlab node work RUN --attempt N`, by job.sh: no value is pasted into a script. Slots,
/// processors and memory from the machines of the lab, the time from the deadlines of the
/// stages.
JobSpec job_of(const RunFolder& run, int attempt, const RunJobOptions& options);

}  // namespace patchlab::pipeline
