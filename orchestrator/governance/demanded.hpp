// SPDX-License-Identifier: Apache-2.0
//
// What a policy demands of one run: what it demands of all, of those that need a review, and of
// those with a machine of a criticality, taken together; of two demands for the same thing the
// stricter one holds. Pure; internal to the module.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "orchestrator/governance/policy.hpp"
#include "reports/run_document.hpp"

namespace patchlab::governance {

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

}  // namespace patchlab::governance
