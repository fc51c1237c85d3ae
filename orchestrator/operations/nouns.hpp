// SPDX-License-Identifier: Apache-2.0
//
// The rows of the table, contributed by one file for each noun.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/intake/fetcher.hpp"
#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/operations/operation.hpp"
#include "orchestrator/operations/session.hpp"
#include "orchestrator/rollout/plan/plan.hpp"

namespace patchlab::operations {

std::vector<Operation> audit_operations();
std::vector<Operation> backup_operations();
std::vector<Operation> campaign_operations();
std::vector<Operation> catalog_operations();
std::vector<Operation> catalog_change_operations();
std::vector<Operation> change_operations();
std::vector<Operation> decision_operations();
std::vector<Operation> event_operations();
std::vector<Operation> evidence_export_operations();
std::vector<Operation> evidence_operations();
std::vector<Operation> feed_operations();
std::vector<Operation> gc_operations();
std::vector<Operation> host_operations();
std::vector<Operation> image_operations();
std::vector<Operation> inventory_operations();
std::vector<Operation> inventory_need_operations();
std::vector<Operation> inventory_source_operations();
std::vector<Operation> key_operations();
std::vector<Operation> management_operations();
std::vector<Operation> lab_operations();
std::vector<Operation> login_operations();
std::vector<Operation> metrics_operations();
std::vector<Operation> node_operations();
std::vector<Operation> notify_operations();
std::vector<Operation> overview_operations();
std::vector<Operation> patch_operations();
std::vector<Operation> patch_rank_operations();
std::vector<Operation> policy_operations();
std::vector<Operation> rollout_operations();
std::vector<Operation> rollout_change_operations();
std::vector<Operation> run_operations();
std::vector<Operation> snapshot_operations();
std::vector<Operation> token_operations();
std::vector<Operation> user_operations();
std::vector<Operation> watch_operations();

// What is asked of the vendors of a lab's images.

/// The images and the package sources of the request's `lab` and `images`. Error(not_found),
/// Error(usage) when neither names any, Error(invalid) when they are of different releases.
intake::FetchRequest fetch_request(Call& call, const JsonReader& request);

// The catalog, as several operations open it.

/// The catalog of the state folder; nothing is recorded by opening it.
catalog::Catalog open_catalog(Session& session);

/// Says that a run which somebody just rejected has an entry that is still offered, and how to take
/// it back.
void warn_of_entry(Call& call, const std::string& run);

// What the operations of rollouts share. The route of `rollout.start`: plan_rollout() → freeze the
// gate → Steering::start() (role, chain, plan and audit row in one transaction) → drive_rollout(),
// here or in a process of its own → parts_for() (the adapters) → Engine::drive().

/// The plan of the `definition` in the request for its `entry` and the hosts of a
/// `simulation`, or of the inventory. Error(invalid) with every mistake.
rollout::Plan plan_rollout(Session& session, catalog::Catalog& catalog, const JsonReader& request);

// What the operations of the inventory share.

/// Who may change the inventory: release managers, system owners and administrators.
Access inventory_staff(std::string_view to_do);

/// `hosts`, `groups` and `criticality` of a request. Error(invalid) for an unknown criticality.
inventory::HostFilter host_filter(const JsonReader& request);

/// Runs `change` and records what it gives, both or neither.
void change_inventory(Call& call, const std::string& action, const std::function<Audit()>& change);

}  // namespace patchlab::operations
