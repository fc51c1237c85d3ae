// SPDX-License-Identifier: Apache-2.0
//
// The one way in which operations read what a run found: the sealed bytes, signed by this
// installation, of this very run. A document that somebody altered afterwards is an error, never a
// verdict. Only the file that is read is hashed, so a run with thousands of changes shows at once;
// `evidence verify` reads everything, and so does whole_evidence(). One a thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/operations/session.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::operations {

/// run.json of the run's evidence; nullopt when the run left none. Error(refused) when it is not
/// what this installation sealed for this run.
std::optional<Json> sealed_document(Session& session, const pipeline::RunRow& run);

/// Adds to each change of `items` (as `run`, a run.json, lists them) what the evidence keeps of its
/// files: `contents`, each with a unified diff, or with why there is none (run_contents.cpp). With
/// a path, only the changes of that file are left: Error(not_found) where the evidence does not
/// name it. False when the evidence keeps no contents at all.
bool add_contents(Json& items, const std::filesystem::path& evidence, const Json& run,
                  const std::string& path);

/// run.measurements (run_measurements.cpp). Only the sealed samples are read.
Outcome measurements_of_run(Call& call, const JsonReader& request);

/// The folder of a run's sealed evidence. Error(usage): that is no id; Error(not_found): there is
/// no such run; Error(conflict): it has no evidence, and why.
std::filesystem::path evidence_folder(Session& session, const std::string& run);

struct WholeEvidence {
    std::filesystem::path folder;
    std::string digest;
};
/// The same, once every file in it was read and is what was sealed. Error(refused).
WholeEvidence whole_evidence(Session& session, const std::string& run);

}  // namespace patchlab::operations
