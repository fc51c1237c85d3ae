// SPDX-License-Identifier: Apache-2.0
//
// Runs on their way: recorded and handed to the queue here and nowhere else, and followed to their
// end. A run's worker outlives whoever asked for it; who follows only watches, and cancels when
// interrupted.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/pipeline/run/planner.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"

namespace patchlab::operations {

/// What a caller records in the transaction that records the run.
using RecordWithRun = std::function<void(const std::string& run)>;

/// Records the run, keeps what it needs from being removed, and hands it to the queue of that name
/// (empty: the usual one). Gives its id.
std::string submit_run(Call& call, pipeline::RunPlan& plan, const pipeline::Backend& backend,
                       const RecordWithRun& besides = {}, const std::string& queue = {});
/// Hands a run that is there already to the queue.
void restart_run(Call& call, const std::string& id);
/// Reports the run's events until it is over; an interrupt cancels it. Gives the final state.
pipeline::RunState follow_run(Call& call, const std::string& run);

struct ManyRuns {
    std::vector<std::string> ids;               ///< in order; empty where the start threw
    std::map<std::size_t, std::string> errors;  ///< of those that could not be started
};
/// Several runs at once: started as `at_once` allows, in the order of `starts`, their events
/// reported with `titles`. Where `overlap` names a stage, one run beyond `at_once` may go: while
/// another one has reached that stage, and the last of all, which would be left alone at the end.
/// An interrupt cancels all. A start that throws stops nothing.
ManyRuns follow_many(Call& call, const std::vector<std::string>& titles,
                     const std::vector<std::function<std::string()>>& starts, unsigned at_once,
                     std::optional<pipeline::Stage> overlap = {});

/// An event of the run's log, typed. `title`: see RunEvent.
RunEvent run_event_from(const Json& event, const std::string& run, const std::string& title = {});
/// The last fault of the lab that the run met, for an error line.
std::string last_fault(const pipeline::RunState& state);

}  // namespace patchlab::operations
