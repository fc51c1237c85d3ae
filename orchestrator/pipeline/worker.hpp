// SPDX-License-Identifier: Apache-2.0
//
// The worker: one process that carries one run through its stages. Its input is the run's folder,
// its output is the run's folder. Persist, then act: the name of a stage is stored before its work
// starts.
#pragma once

#include "orchestrator/pipeline/lab/backend.hpp"
#include "orchestrator/pipeline/run/run_folder.hpp"

namespace patchlab::pipeline {

/// Works until the run is over; takes up a run that a crash left behind. Gives the exit code of the
/// command line (for kind "prepare": 0, or 3). Throws Error(conflict) when another worker has the
/// run. `short_root`: an empty folder of this process alone with a short path, where the
/// hypervisor's sockets may live.
int work(const RunFolder& folder, const Backend& backend, const std::filesystem::path& short_root);

}  // namespace patchlab::pipeline
