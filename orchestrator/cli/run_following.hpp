// SPDX-License-Identifier: Apache-2.0
//
// Starting a worker from the command line and showing its progress.
#pragma once

#include <string>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/pipeline/planner.hpp"
#include "orchestrator/pipeline/run_store.hpp"

namespace patchlab::cli {

/// Records the run, keeps what it needs from being removed, and starts its worker. Gives the run's id.
std::string start_worker(Context& context, pipeline::RunPlan& plan, const pipeline::Backend& backend);
/// Starts a worker for a run that is there already (resume).
void restart_worker(Context& context, const std::string& id);
/// Shows progress on stderr until the run is over; Ctrl-C cancels it. Gives the final state.
pipeline::RunState follow_run(Context& context, const std::string& id);
/// The last fault of the lab that the run met, for an error line.
std::string last_fault(const pipeline::RunState& state);

}  // namespace patchlab::cli
