// SPDX-License-Identifier: Apache-2.0
//
// What the operations of the inventory share.
#pragma once

#include <functional>
#include <string>

#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

/// Who may change the inventory: release managers, system owners and administrators.
Access inventory_staff(std::string_view to_do);

/// `hosts`, `groups` and `criticality` of a request. Error(invalid) for an unknown criticality.
inventory::HostFilter host_filter(const JsonReader& request);

/// Runs `change` and records what it gives, both or neither.
void change_inventory(Call& call, const std::string& action, const std::function<Audit()>& change);

}  // namespace patchlab::operations
