// SPDX-License-Identifier: Apache-2.0
//
// Which patches of a failing bundle fail by themselves? Finds a smallest failing set, closed under
// prerequisites, with few trials: first by halving, as if there were one culprit; what that finds
// is tried by itself, and only where it then does not fail, all the subsets are narrowed step by
// step (delta debugging, Zeller and Hildebrandt 2002). Pure: the trials are the caller's.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <vector>

#include "orchestrator/intake/patch.hpp"
#include "orchestrator/pipeline/stages/packages.hpp"

namespace patchlab::pipeline {

using PatchSet = std::set<std::size_t>;  ///< by their place in the bundle

enum class TrialAnswer { fails, passes, unknown };

struct BisectStep {
    PatchSet tried;
    TrialAnswer answer = TrialAnswer::unknown;
};

struct BisectResult {
    PatchSet smallest;  ///< fails by itself; nothing that was tried inside of it does
    bool certain =
        true;  ///< false: a trial on the way gave no answer, so a smaller set may be hidden
    std::vector<BisectStep> steps;
};

/// `needs[i]`: the patches without which patch i cannot be installed. The whole bundle, 0 …
/// needs.size()-1, is known to fail. `attempt` is asked at most once for a set; what it throws
/// passes through.
BisectResult find_smallest_failing(const std::vector<PatchSet>& needs,
                                   const std::function<TrialAnswer(const PatchSet&)>& attempt);

/// For each patch, which others of the bundle provide a version that it depends on and that no
/// machine has. Reads the packages' control data; Error(invalid) for one that cannot be read.
std::vector<PatchSet> needs_within(const std::vector<intake::Patch>& bundle,
                                   const std::vector<InstalledPackages>& machines);

}  // namespace patchlab::pipeline
