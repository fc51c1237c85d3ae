// SPDX-License-Identifier: Apache-2.0
//
// What became of earlier updates of a source package: runs and their verdicts, rollouts, hosts that
// went back. Thread safety: one a thread.
#pragma once

#include <string>

#include "orchestrator/operations/session.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::operations {

/// {schema, source, run_count, verdicts, runs, rollouts, …}, newest first. What was not recorded is
/// null.
Json history_of(Session& session, const std::string& source);

}  // namespace patchlab::operations
