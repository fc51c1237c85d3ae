// SPDX-License-Identifier: Apache-2.0
//
// What the operations of rollouts share. The route of `rollout.start`: plan_rollout() → freeze the
// gate → Steering::start() (role, chain, plan and audit row in one transaction) → drive_rollout(),
// here or in a process of its own → parts_for() (the adapters) → Engine::drive().
#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/operations/operation.hpp"
#include "orchestrator/rollout/plan/plan.hpp"

namespace patchlab::operations {

/// The plan of the `definition` in the request for its `entry` and the hosts of a
/// `simulation`, or of the inventory. Error(invalid) with every mistake.
rollout::Plan plan_rollout(Session& session, catalog::Catalog& catalog, const JsonReader& request);

}  // namespace patchlab::operations
