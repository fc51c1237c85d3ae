// SPDX-License-Identifier: Apache-2.0
//
// The worker: one process that carries one run through its stages. Its input is the run's folder,
// its output is the run's folder. Persist, then act: the name of a stage is stored before its work
// starts.
#pragma once

#include "orchestrator/pipeline/lab/backend.hpp"
#include "orchestrator/pipeline/run/lease.hpp"
#include "orchestrator/pipeline/run/run_folder.hpp"

namespace patchlab::pipeline {

/// Works until the run is over; takes up a run that a crash left behind. Gives the exit code of the
/// command line (for kind "prepare": 0, or 3). `lease`: the right to work this run, taken by this
/// process or by the one it was forked from; its heartbeat is renewed meanwhile. Throws LeaseLost
/// when a newer attempt works the run, and then touches its folder no more. `state`: the state
/// folder of this host, which has the images and patches that the request names (and, once it was
/// used, the prepared lab); the run's folder need not be below it. `short_root`: an empty folder of
/// this process alone with a short path, where the hypervisor's sockets may live.
int work(const HeldLease& lease, const std::filesystem::path& state, const Backend& backend,
         const std::filesystem::path& short_root);

/// What that gives for a run of this kind that is over.
int exit_code_of_run(const RunState& state, const std::string& kind);

}  // namespace patchlab::pipeline
