// SPDX-License-Identifier: Apache-2.0
//
// What the process of a run does: not an operation, because nobody asks for it but patchlab itself
// (run_process.hpp).
#pragma once

#include <filesystem>

#include "orchestrator/operations/session.hpp"
#include "orchestrator/pipeline/run/run_folder.hpp"

namespace patchlab::operations {

/// Carries the run in `folder` to its end in a cell, then tells those who are wanted for its
/// approval. Gives the exit code of the process.
int work_on_run(Session& session, const std::filesystem::path& folder);

/// The same without telling anybody: for a run that is worked for another host. Never throws.
int carry_run(Session& session, const pipeline::RunFolder& folder);

/// Tells people that a run is over, and who is wanted for its approval. Never throws.
void tell_of_end(Session& session, const pipeline::RunFolder& folder);

/// Tells people that a run waits for their approval, if it does. Never throws.
void tell_who_is_wanted(Session& session, const pipeline::RunFolder& run);

}  // namespace patchlab::operations
