// SPDX-License-Identifier: Apache-2.0
//
// Is the patched machine slower, larger or busier than the unpatched one? Called only when it stands clear of what the unpatched
// machine does by itself (docs/reference/regressions.md says with which test, at which level, and from which size on). Pure functions.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/pipeline/verdict.hpp"

namespace patchlab::pipeline {

/// What the unpatched machine showed: the baseline first, then each control.
using UnpatchedChecks = std::vector<std::vector<testsuites::CheckResult>>;

/// Checks whose samples became slower, as "suite/name". To be measured once more before anything is said: a host that was busy for a moment
/// is not the patch's doing.
std::vector<std::string> slower_checks(const UnpatchedChecks& unpatched, const std::vector<testsuites::CheckResult>& after);

/// Reasons (regression, for a review): slower checks, and services whose memory grows with every request. `at_once` runs that share the
/// host slow one another by as much, one moment and not the next: only what is slower than that is called so.
std::vector<Reason> regressions_of_checks(const std::string& machine, const UnpatchedChecks& unpatched, const std::vector<testsuites::CheckResult>& after,
                                          unsigned at_once = 1);

/// Reasons (regression, for a review) of the captures' measures. `rebooted`: the machine was started with the patch, so its boot
/// counts, compared with the boots of `unpatched` (each boot id once).
std::vector<Reason> regressions_of_measures(const std::string& machine, const std::vector<snapshots::Capture>& unpatched, const snapshots::Capture& after,
                                            bool rebooted, unsigned at_once = 1);

}  // namespace patchlab::pipeline
