// SPDX-License-Identifier: Apache-2.0
//
// A new run comes into being: its folder, its rows, and the references that keep what it needs from
// being removed, all of it or nothing. What a crash leaves in between is never seen as a run, and
// the reaper removes it. Nobody works the run yet: that is asked of a RunQueue.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "orchestrator/pipeline/run/planner.hpp"
#include "orchestrator/pipeline/run/request.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"

namespace patchlab::pipeline {

struct Submission {
    std::string requester;
    TimePoint requested;
    RunsOn runs_on;  ///< the backend; its emulator names the prepared lab that the run will use
    /// What the caller records in the same transaction (the audit trail). What it throws passes
    /// through, and then there is no run.
    std::function<void(const RunRow& run)> record_besides;
    Json requester_account = nullptr;  ///< sealed with the request
};

/// Completes the plan's request (id, requester, time) and records the run as queued. The id is the
/// next one of the day: "r-20261123-0001". Error(lab) when the folder cannot be written.
RunFolder record_run(const std::filesystem::path& state, store::Database& database, RunPlan& plan,
                     const Submission& submission);

/// runs/<id>.part: the folder of a run that is not recorded yet.
bool is_unrecorded_part(const std::filesystem::path& folder);

// What a run's request names by its content, found on this host: images by the sha256 of their
// file, patches by the digest of their packages. A request says nothing of places, so a run's
// folder can be worked on any host that has the same contents, wherever its state folder is.

/// The digest of a patch's packages, as far as patch.json in its folder says; the files themselves
/// are compared when they are used. Empty when the folder holds no readable patch.
std::string digest_of_stored_patch(const std::filesystem::path& folder);

struct MissingMaterial {
    std::string kind;  ///< "image" or "patch"
    std::string name;  ///< for people
    std::string digest;
};

/// Fills in the places below `state`: of the state folder itself, of each image and of each patch;
/// a patch may have another id here. Gives what is not here.
std::vector<MissingMaterial> find_materials(RunRequest& request,
                                            const std::filesystem::path& state);

/// "patch nginx_1.2 (sha256 0123456789ab…)", and so on.
std::string describe(const std::vector<MissingMaterial>& missing);

}  // namespace patchlab::pipeline
