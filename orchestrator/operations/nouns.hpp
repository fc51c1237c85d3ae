// SPDX-License-Identifier: Apache-2.0
//
// The rows of the table, contributed by one file for each noun.
#pragma once

#include <vector>

#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

std::vector<Operation> audit_operations();
std::vector<Operation> catalog_operations();
std::vector<Operation> catalog_change_operations();
std::vector<Operation> change_operations();
std::vector<Operation> decision_operations();
std::vector<Operation> evidence_operations();
std::vector<Operation> host_operations();
std::vector<Operation> image_operations();
std::vector<Operation> inventory_operations();
std::vector<Operation> inventory_need_operations();
std::vector<Operation> inventory_source_operations();
std::vector<Operation> key_operations();
std::vector<Operation> lab_operations();
std::vector<Operation> notify_operations();
std::vector<Operation> patch_operations();
std::vector<Operation> policy_operations();
std::vector<Operation> rollout_operations();
std::vector<Operation> rollout_change_operations();
std::vector<Operation> run_operations();
std::vector<Operation> snapshot_operations();
std::vector<Operation> user_operations();

}  // namespace patchlab::operations
