// SPDX-License-Identifier: Apache-2.0
//
// Is the patched machine slower, larger or busier than the unpatched one? Called only when it
// stands clear of what the unpatched machine does by itself (docs/reference/regressions.md says
// with which test, at which level, and from which size on). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/pipeline/verdict/verdict.hpp"

namespace patchlab::pipeline {

/// The subject of a reason about slower boots.
inline constexpr const char* boot_time = "boot time";

/// What the unpatched machine showed: the baseline first, then each control.
using UnpatchedChecks = std::vector<std::vector<testsuites::CheckResult>>;

/// Checks that became slower, as "suite/name": by their samples (a rank test), by samples that were
/// not done in their time though they are without the patch, or, where none are asked for, by their
/// one answer. To be measured once more before anything is
/// said: a host that was busy for a moment is not the patch's doing.
std::vector<std::string> slower_checks(const UnpatchedChecks& unpatched,
                                       const std::vector<testsuites::CheckResult>& after);

/// One check, measured turn by turn on an unpatched clone and on the patched machine: seconds, a
/// list for each round. What the host does in the meantime, it does to both. The first round in
/// which it is not slower is the last, see is_open().
struct Rounds {
    std::string suite;
    std::string name;
    std::vector<std::vector<double>> unpatched;
    std::vector<std::vector<double>> patched;
};

/// Seconds of an unpatched clone's boot and of the patched machine's, started in the same moment.
struct Boots {
    double unpatched = 0;
    double patched = 0;
};

/// What a check that passed adds to a round: its repetitions, or its one answer where none were
/// asked for. Where they were not all done in their time, what one of them took at least.
std::vector<double> turn_of(const testsuites::CheckResult& check);

/// Whether another round could tell more: the check was slower, by however little, on the patched
/// machine in every round so far, and they are not enough yet. Enough are ten (sign test, p <
/// 0.001), or five when it was slower by half in each.
bool is_open(const Rounds& rounds);

/// Reasons (regression, for a review): slower checks, and services whose memory grows with every
/// request. A check of which there are `rounds` is called slower only when it is so in these as
/// well.
std::vector<Reason> regressions_of_checks(const std::string& machine,
                                          const UnpatchedChecks& unpatched,
                                          const std::vector<testsuites::CheckResult>& after,
                                          const std::vector<Rounds>& rounds = {});

/// Reasons (regression, for a review) of the captures' measures. `rebooted`: the machine was
/// started with the patch, so its boot counts, compared with the boots of `unpatched` (each boot id
/// once); where there are `boots`, it must be slower in these as well.
std::vector<Reason> regressions_of_measures(const std::string& machine,
                                            const std::vector<snapshots::Capture>& unpatched,
                                            const snapshots::Capture& after, bool rebooted,
                                            const std::optional<Boots>& boots = {});

}  // namespace patchlab::pipeline
