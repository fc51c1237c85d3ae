// SPDX-License-Identifier: Apache-2.0
//
// A new run comes into being: its folder, its rows, and the references that keep what it needs from
// being removed, all of it or nothing. What a crash leaves in between is never seen as a run, and
// the reaper removes it. Nobody works the run yet: that is asked of a RunQueue.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "orchestrator/pipeline/run/planner.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"

namespace patchlab::pipeline {

struct Submission {
    std::string requester;
    TimePoint requested;
    std::string emulator;  ///< of the backend: names the prepared lab that the run will use
    /// What the caller records in the same transaction (the audit trail). What it throws passes
    /// through, and then there is no run.
    std::function<void(const RunRow& run)> record_besides;
};

/// Completes the plan's request (id, requester, time) and records the run as queued. The id is the
/// next one of the day: "r-20261123-0001". Error(lab) when the folder cannot be written.
RunFolder record_run(const std::filesystem::path& state, store::Database& database, RunPlan& plan,
                     const Submission& submission);

/// runs/<id>.part: the folder of a run that is not recorded yet.
bool is_unrecorded_part(const std::filesystem::path& folder);

}  // namespace patchlab::pipeline
