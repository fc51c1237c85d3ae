// SPDX-License-Identifier: Apache-2.0
//
// The verdict: a pure function of what was found. No clock, no disk, no guest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/assessment/checks.hpp"
#include "orchestrator/pipeline/verdict/reason.hpp"
#include "reports/run_document.hpp"
#include "snapshots/compare.hpp"
#include "testsuites/model.hpp"

namespace patchlab::pipeline {

using reports::Verdict;

/// The exit code of the command line for a run that ended so: 0, 5, 1, 3.
int exit_code(Verdict verdict);

using assessment::CheckComparison;
using assessment::compare_checks;

/// The reasons that the checks give: a check that passed without the patch and fails with it
/// rejects; one that could not be observed makes the run inconclusive; a flaky one, or one that
/// failed before, gives none.
std::vector<Reason> reasons_of_checks(const std::vector<CheckComparison>& checks);

/// New failed units, core dumps and kernel errors that neither the baseline nor any control had
/// (compared by shape).
std::vector<Reason> reasons_of_health(const std::string& machine, const snapshots::Capture& before,
                                      const std::vector<snapshots::Capture>& controls,
                                      const snapshots::Capture& after);

/// Unexplained, unreadable and sensitive changes, each a reason for a review; a package taken out
/// that the patch does not name rejects.
std::vector<Reason> reasons_of_changes(const std::vector<snapshots::Change>& changes);

/// A check that failed or a complaint of the machine: what one start may show and another not.
bool is_trouble(const Reason& reason);
/// A trouble, or an installation that failed: what a busy host may do to a good patch, and hardly
/// twice.
bool may_be_chance(const Reason& reason);
/// Whether all that condemns may be chance, so that a second trial from the checkpoint must show
/// it, too. `rebooted`: the patch's own reboot was part of the trial; troubles are then looked for
/// in another start, which costs less than a trial.
bool needs_second_trial(const std::vector<Reason>& reasons, bool rebooted);
/// Whether `reasons` tell of the same (what a check or the package manager said does not matter,
/// nor by how much something is slower; that of others by its shape).
bool contains_reason(const std::vector<Reason>& reasons, const Reason& like);
/// Whether any of them rejects the patch.
bool condemns(const std::vector<Reason>& reasons);
/// What was found in one trial or start, weighed by what `again` tells of another: what both show
/// counts as it is, what only one of them shows cannot condemn and is for a person to look at ("in
/// one of two <sights>"). Reasons that are no chance stay as they are in `first`.
std::vector<Reason> of_two(std::vector<Reason> first, const std::vector<Reason>& again,
                           const std::string& sights);

/// inconclusive when the lab failed and nothing condemns; else rejected, needs-review or validated.
/// A fault of the lab never condemns and never clears: with a fault, a run is rejected only by what
/// was seen reliably (an installation that failed by itself), never validated.
Verdict judge(const std::vector<Reason>& reasons);

}  // namespace patchlab::pipeline
