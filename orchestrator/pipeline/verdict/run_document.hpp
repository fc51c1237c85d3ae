// SPDX-License-Identifier: Apache-2.0
//
// The run document: evidence/run.json, schema patchlab/run/v1, what `run show --json` prints.
#pragma once

#include "orchestrator/pipeline/stages/trial.hpp"

namespace patchlab::pipeline {

/// The whole document from what the stages left. `lab` and `trial` may be missing when the run did
/// not come so far; `evidence` is the folder under construction, whose logs are listed.
Json run_document(const RunContext& run, const PreparedLab* lab, const std::filesystem::path& trial,
                  const RunState& state, const std::filesystem::path& evidence);

/// The same document while a run is under way: without verdict, checks and changes.
Json progress_document(const RunRequest& request, const RunState& state);

}  // namespace patchlab::pipeline
