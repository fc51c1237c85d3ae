// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/demanded.hpp"

#include <algorithm>
#include <set>

namespace patchlab::governance {

namespace {

void add_scoped(std::vector<ScopedDemand>& all, const std::vector<std::string>& subjects,
                const std::string& criticality) {
    for (const std::string& subject : subjects) {
        const bool known = std::any_of(all.begin(), all.end(), [&](const ScopedDemand& d) {
            return d.subject == subject && d.criticality == criticality;
        });
        if (!known) all.push_back({subject, criticality});
    }
}

void add(Demanded& all, const Demands& more, const std::string& criticality) {
    add_scoped(all.suites, more.suites, criticality);
    add_scoped(all.checks, more.checks, criticality);
    all.drill = std::max(all.drill, more.drill);
    if (more.release_age) all.release_ages.push_back(*more.release_age);
    for (const ApprovalDemand& approval : more.approvals) {
        ApprovalDemand& wanted =
            all.approvals.try_emplace(approval.role, ApprovalDemand{approval.role, 0, false})
                .first->second;
        wanted.count = std::max(wanted.count, approval.count);
        wanted.own_key = wanted.own_key || approval.own_key;
    }
}

}  // namespace

Demanded demanded_of(const Policy& policy, const reports::RunDocument& run) {
    Demanded all;
    add(all, policy.all, "");
    if (run.verdict == reports::Verdict::needs_review) add(all, policy.needs_review, "");
    std::set<std::string> present;
    for (const reports::RunMachine& machine : run.machines) present.insert(machine.criticality);
    for (const auto& [criticality, demands] : policy.criticality)
        if (present.contains(criticality)) add(all, demands, criticality);
    return all;
}

}  // namespace patchlab::governance
