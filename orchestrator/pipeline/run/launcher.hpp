// SPDX-License-Identifier: Apache-2.0
//
// Starting a worker, and watching it. The worker is a process of its own session: it outlives the
// terminal it was started from.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>

#include "orchestrator/pipeline/run/run_folder.hpp"

namespace patchlab::pipeline {

/// Starts this program again as the worker of `folder`; its output goes to worker.log in the
/// folder. Gives its process id, which the caller may wait for. Error(lab) when it cannot be
/// started.
pid_t launch_worker(const std::filesystem::path& state, const RunFolder& folder);

/// Hands every event of the run to `on_event` (parsed, in order), those that are there and those
/// that come, until the run is over or its worker is gone. `worker`: the child to reap, or 0 when
/// it is not ours. Returns the state then. `interrupted` is asked four times a second; when it says
/// yes, following ends.
RunState follow(const RunFolder& folder, pid_t worker,
                const std::function<void(const Json&)>& on_event,
                const std::function<bool()>& interrupted);

/// Asks the run's worker to stop and takes its machines with it. The run is then `cancelled`.
/// Error(conflict) when the run is over already.
void cancel(const RunFolder& folder, const Clock& clock);

}  // namespace patchlab::pipeline
