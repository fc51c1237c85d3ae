// SPDX-License-Identifier: Apache-2.0
//
// The rows of the table, contributed by one file for each noun.
#pragma once

#include <vector>

#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

std::vector<Operation> evidence_operations();
std::vector<Operation> host_operations();
std::vector<Operation> image_operations();
std::vector<Operation> lab_operations();
std::vector<Operation> patch_operations();
std::vector<Operation> run_operations();
std::vector<Operation> snapshot_operations();

}  // namespace patchlab::operations
