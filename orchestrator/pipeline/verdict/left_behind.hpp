// SPDX-License-Identifier: Apache-2.0
//
// What a backout leaves behind. The measure is the machine before the patch, not what the patch can
// explain: whatever differs counts, but for what is written anew or only grows (Change::lasting)
// and what the package manager remembers by policy of packages that are gone. Pure functions.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "snapshots/compare.hpp"

namespace patchlab::pipeline {

/// Of the changes between the machine before the patch and after the backout those that it leaves
/// behind. `packages`: of the patch. `removed`: those that were not there before and were taken
/// away again; their configuration, state and accounts stay until somebody purges them.
std::vector<snapshots::Change> left_behind(const std::vector<snapshots::Change>& changes,
                                           const std::vector<snapshots::PatchedPackage>& packages,
                                           const std::set<std::string>& removed,
                                           const snapshots::AttributionRules& rules);

}  // namespace patchlab::pipeline
