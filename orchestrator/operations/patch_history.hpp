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
/// "2 runs (1 validated, 1 rejected), 1 rollout (5 hosts updated, 0 failed, 1 went back)".
std::string history_line(const Json& history);

}  // namespace patchlab::operations
