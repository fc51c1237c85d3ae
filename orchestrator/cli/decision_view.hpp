// SPDX-License-Identifier: Apache-2.0
//
// A decision on a terminal.
#pragma once

#include "orchestrator/cli/context.hpp"
#include "orchestrator/governance/decision.hpp"

namespace patchlab::cli {

/// A line for each requirement, what is open first, with what it was answered from; then the sum of
/// it.
void print_decision(Context& context, const governance::Decision& decision);

}  // namespace patchlab::cli
