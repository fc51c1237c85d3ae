// SPDX-License-Identifier: Apache-2.0
//
// The verbs that change something: start, pause, resume, abort, back-out; and the hidden one that a
// detached process runs.
#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/context.hpp"
#include "orchestrator/rollout/plan/plan.hpp"

namespace patchlab::cli {

void add_rollout_drive(CLI::App& app, CLI::App& noun, Context& context);

/// The plan of a definition for an entry and the hosts of a simulation, or of the inventory.
/// Error(invalid) with every mistake.
rollout::Plan plan_rollout(Context& context, catalog::Catalog& catalog, const std::string& file,
                           const std::string& entry, const std::string& simulation);

}  // namespace patchlab::cli
