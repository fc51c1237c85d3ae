// SPDX-License-Identifier: Apache-2.0
//
// The one way in which operations read what a run found: the sealed bytes, signed by this
// installation, of this very run. A document that somebody altered afterwards is an error, never a
// verdict. Only the file that is read is hashed, so a run with thousands of changes shows at once;
// `evidence verify` reads everything.
#pragma once

#include <optional>

#include "orchestrator/operations/session.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::operations {

/// run.json of the run's evidence; nullopt when the run left none. Error(refused) when it is not
/// what this installation sealed for this run.
std::optional<Json> sealed_document(Session& session, const pipeline::RunRow& run);

}  // namespace patchlab::operations
