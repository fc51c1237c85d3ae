// SPDX-License-Identifier: Apache-2.0
//
// What the document of a run says about single patches of its set. Pure functions; thread-safe.
#pragma once

#include <vector>

#include "orchestrator/campaign/search.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/pipeline/stages/packages.hpp"
#include "reports/run_document.hpp"

namespace patchlab::campaign {

/// The patches whose packages account for every reason of a run that needs a review. Empty when one
/// of its reasons is nobody's, and for every other verdict.
PatchSet blamed_by(const reports::RunDocument& run, const std::vector<intake::Patch>& patches);

/// For each patch, the others without which it cannot be installed: those that it depends on where
/// no machine has what it asks for, and those whose packages it brings along as prerequisites.
/// Reads the packages' control data; Error(invalid) for one that cannot be read.
std::vector<PatchSet> needs_of(const std::vector<intake::Patch>& patches,
                               const std::vector<pipeline::InstalledPackages>& machines);

}  // namespace patchlab::campaign
