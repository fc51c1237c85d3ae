// SPDX-License-Identifier: Apache-2.0
//
// The suites that every host must pass, as they were when the rollout was started: their texts are
// kept with the rollout, so that a file that is edited later changes nothing in the middle of it.
// And which checks passed in the lab with the patch: those that must not fail now. Reads files;
// thread-safe.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/catalog/entry.hpp"
#include "orchestrator/rollout/plan/definition.hpp"
#include "platform/core/json_fwd.hpp"
#include "platform/store/database.hpp"
#include "testsuites/model.hpp"

namespace patchlab::rollout {

/// {"suites": [{"name", "yaml"}], "lab_passed": ["suite/check"]}. A suite is taken from a file
/// NAME.yaml beside the definition, else from the lab as it is stored now, else from those that
/// ship. Error(invalid) when there is none of that name, or nothing to check at all.
Json freeze_gate(const Definition& definition, const catalog::Entry& entry,
                 const std::filesystem::path& entry_folder, store::Database& database);

/// Without the checks that are only asked of clones in a lab.
std::vector<testsuites::Suite> suites_of_gate(const Json& gate);
std::set<std::string> lab_passed_of_gate(const Json& gate);

}  // namespace patchlab::rollout
