// SPDX-License-Identifier: Apache-2.0
//
// Starting a worker from the command line and showing its progress.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/pipeline/run/planner.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"

namespace patchlab::cli {

/// Records the run, keeps what it needs from being removed, and starts its worker. Gives the run's
/// id.
std::string start_worker(Context& context, pipeline::RunPlan& plan,
                         const pipeline::Backend& backend);
/// Starts a worker for a run that is there already (resume).
void restart_worker(Context& context, const std::string& id);
/// Shows progress on stderr until the run is over; Ctrl-C cancels it. Gives the final state.
pipeline::RunState follow_run(Context& context, const std::string& id);
/// Several runs at once: started as `at_once` allows, in the order of `starts` (each gives a run's
/// id), their progress shown line by line with `titles`. Where `overlap` names a stage, one run
/// beyond `at_once` may go: while another one has reached that stage, and the last of all, which
/// would be left alone at the end. Ctrl-C cancels all. Gives the ids, in order; a start that throws
/// stops nothing, its id is empty and its error in `errors`.
struct ManyRuns {
    std::vector<std::string> ids;
    std::map<std::size_t, std::string> errors;  ///< of those that could not be started
};
ManyRuns follow_many(Context& context, const std::vector<std::string>& titles,
                     const std::vector<std::function<std::string()>>& starts, unsigned at_once,
                     std::optional<pipeline::Stage> overlap = {});
/// The last fault of the lab that the run met, for an error line.
std::string last_fault(const pipeline::RunState& state);

}  // namespace patchlab::cli
