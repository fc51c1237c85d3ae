// SPDX-License-Identifier: Apache-2.0
//
// The single requirements, each answered from the evidence alone; waivers come on top (evaluate).
// Pure; internal to the module.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/governance/demanded.hpp"

namespace patchlab::governance {

/// What the evidence itself must be: intact, signed, of real machines, with somebody who asked for
/// it.
std::vector<Requirement> require_evidence(const Policy& policy, const EvidenceFacts& facts);
Requirement require_verdict(const Policy& policy, const EvidenceFacts& facts);
Requirement require_suite(const ScopedDemand& demand, const reports::RunDocument& run);
Requirement require_check(const ScopedDemand& demand, const reports::RunDocument& run);
Requirement require_drill(DrillDemand demand, const reports::RunDocument& run);
Requirement require_evidence_age(double days, const EvidenceFacts& facts, TimePoint now);
Requirement require_release_age(const std::vector<ReleaseAge>& ages, const EvidenceFacts& facts,
                                TimePoint now);
Requirement require_no_freeze(const std::vector<Freeze>& freezes, const EvidenceFacts& facts,
                              TimePoint now);

/// What people said: nobody who rejected the run last, and enough approvals in each role. `rulings`
/// oldest first.
std::vector<Requirement> require_people(const std::map<Role, ApprovalDemand>& wanted,
                                        const EvidenceFacts& facts,
                                        const std::vector<Ruling>& rulings);

}  // namespace patchlab::governance
