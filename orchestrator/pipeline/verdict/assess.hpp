// SPDX-License-Identifier: Apache-2.0
//
// The one place where findings become reasons. Stages collect; whoever must know what speaks
// against the patch by now asks here. Pure functions: no clock, no disk, no guest.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/pipeline/verdict/findings.hpp"
#include "orchestrator/pipeline/verdict/own_troubles.hpp"
#include "orchestrator/pipeline/verdict/verdict.hpp"

namespace patchlab::pipeline {

/// How much of a run is to be weighed.
enum class Moment {
    compared,  ///< the patched machines before their next start
    started,   ///< and after it
    judged     ///< and all that later starts noted
};

/// A check of a patched machine, and its result after the machine's next start where there was one.
struct AssessedCheck {
    CheckComparison check;
    std::optional<CheckComparison> later;
};

struct Assessment {
    std::vector<Reason> reasons;
    std::vector<AssessedCheck> checks;
    std::vector<snapshots::Change> changes;
    std::vector<OwnTrouble> own_troubles;  ///< what would be reasons, but is the machines' own
};

Assessment assess(const TrialFindings& findings, Moment moment);

/// Whether a start shows troubles, in `now`, that were not there before it: another start then
/// decides.
bool shows_new_trouble(const std::vector<Reason>& before, const std::vector<Reason>& now);

/// The machines whose boot seems slower than the boots of the unpatched ones. `next_start`: the
/// boot of the reboot check, else the patch's own.
std::vector<std::string> slow_boots(const TrialFindings& findings, bool next_start);

/// Whether the reboot check shows changes of a kind that a start may make by itself, and no
/// unpatched clone was rebooted yet in this run to tell. Not where the patch is rejected anyway.
bool next_start_in_doubt(const TrialFindings& findings);

/// A regression that would count is neither settled beside a clone nor outdone by what rejects the
/// patch anyway.
bool regression_suspected(const TrialFindings& findings);

/// What is known halfway, for who waits: the next start and the way back take most of a run's time.
std::string headline_so_far(const std::vector<Reason>& reasons);

}  // namespace patchlab::pipeline
