// SPDX-License-Identifier: Apache-2.0
//
// The single requirements, each answered from the evidence alone; waivers come on top (evaluate).
// Pure; internal to the module.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/governance/policy.hpp"
#include "reports/run_document.hpp"

namespace patchlab::governance {

// What a policy demands of one run: what it demands of all, of those that need a review, and of
// those with a machine of a criticality, taken together; of two demands for the same thing the
// stricter one holds. Pure; internal to the module.

/// A suite or a check, demanded of any machine, or of one of this criticality.
struct ScopedDemand {
    std::string subject;      ///< "nginx", or "nginx/front page answers"
    std::string criticality;  ///< empty: any
    /// "suite:nginx", "check:nginx/front page answers@mission-critical"
    std::string id(std::string_view kind) const {
        return std::string(kind) + ":" + subject + (criticality.empty() ? "" : "@" + criticality);
    }
};

struct Demanded {
    std::vector<ScopedDemand> suites, checks;
    DrillDemand drill = DrillDemand::optional;
    std::vector<ReleaseAge> release_ages;  ///< all of them hold
    std::map<Role, ApprovalDemand> approvals;
};

Demanded demanded_of(const Policy& policy, const reports::RunDocument& run);

/// What the evidence itself must be: intact, signed, of real machines, with somebody who asked for
/// it.
std::vector<Requirement> require_evidence(const Policy& policy, const EvidenceFacts& facts);
Requirement require_verdict(const Policy& policy, const EvidenceFacts& facts);
Requirement require_suite(const ScopedDemand& demand, const reports::RunDocument& run);
Requirement require_check(const ScopedDemand& demand, const reports::RunDocument& run);
Requirement require_drill(DrillDemand demand, const reports::RunDocument& run);
Requirement require_evidence_age(double days, const EvidenceFacts& facts, TimePoint now);
/// A time of a document; nullopt when it is none.
std::optional<TimePoint> time_of(const std::string& text);
/// For how many days the patch must have been known: the longest that is demanded, shortened by
/// its urgency or by a date that is certain.
double wait_of(const std::vector<ReleaseAge>& ages, const PatchRelease& release,
               const PatchDue* due, TimePoint now);
Requirement require_release_age(const std::vector<ReleaseAge>& ages, const Policy& policy,
                                const EvidenceFacts& facts, TimePoint now);
Requirement require_no_freeze(const Policy& policy, const EvidenceFacts& facts, TimePoint now);

/// What people said: nobody who rejected the run last, and enough approvals in each role, from
/// accounts of their own where the policy wants that. `rulings` oldest first.
std::vector<Requirement> require_people(const Policy& policy,
                                        const std::map<Role, ApprovalDemand>& wanted,
                                        const EvidenceFacts& facts,
                                        const std::vector<Ruling>& rulings);

/// What a reader of the decision should know about how it came to be; not a requirement.
std::vector<std::string> warnings_about_people(const Policy& policy, const EvidenceFacts& facts,
                                               const std::vector<Ruling>& rulings);

}  // namespace patchlab::governance
