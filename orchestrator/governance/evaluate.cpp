// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/governance/requirements.hpp"
#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.starts_with(word); });
}

/// Why a waiver does not count under this policy, or an empty text.
std::string flaw(const Policy& policy, const EvidenceFacts& facts, const Ruling& waiver) {
    const auto& roles = policy.waivers.roles;
    if (same_person(waiver.author, facts.run.requester)) return "is by who asked for the run";
    if (std::find(roles.begin(), roles.end(), waiver.role) == roles.end())
        return "was given as " + std::string(name(waiver.role)) +
               ", which the policy does not take";
    const double days =
        Seconds(from_rfc3339(waiver.expires) - from_rfc3339(waiver.time)).count() / 86400;
    if (days > policy.waivers.longest_days)
        return "is longer than the " + std::to_string(policy.waivers.longest_days) +
               " days that the policy takes";
    return {};
}

/// Puts the newest waiver of the requirement on top of what the evidence says.
void apply_waiver(Requirement& requirement, const Policy& policy, const EvidenceFacts& facts,
                  const std::vector<Ruling>& rulings, TimePoint now) {
    if (requirement.state == RequirementState::passed) return;
    const auto newest = std::find_if(rulings.rbegin(), rulings.rend(), [&](const Ruling& ruling) {
        return ruling.kind == RulingKind::waive && ruling.requirement == requirement.id;
    });
    if (newest == rulings.rend()) return;
    requirement.evidence.push_back("waive by " + newest->author + ", " + newest->time +
                                   ", ruling " + newest->digest().substr(0, 16));
    const std::string why_not = waivable(policy, facts, requirement.id)
                                    ? flaw(policy, facts, *newest)
                                    : "is of what the policy does not let anybody waive";
    if (!why_not.empty()) {
        requirement.detail += "; a waiver does not count: it " + why_not;
        return;
    }
    const bool over = now >= from_rfc3339(newest->expires);
    requirement.state = over ? RequirementState::expired : RequirementState::waived;
    requirement.detail +=
        over ? "; the waiver by " + newest->author + " was over at " + newest->expires
             : "; waived by " + newest->author + " until " + newest->expires + ", " +
                   newest->owner + " answers for it: " + newest->reason;
}

}  // namespace

bool waivable(const Policy& policy, const EvidenceFacts& facts, std::string_view requirement) {
    if (requirement == "verdict" &&
        (!facts.run.verdict || *facts.run.verdict == reports::Verdict::inconclusive))
        return false;
    const std::string id(requirement);
    if (policy.waivers.never.contains(id) ||
        policy.waivers.never.contains(id.substr(0, id.rfind('@'))))
        return false;
    return requirement == "verdict" || requirement == "drill" || requirement == "release-age" ||
           requirement == "evidence-age" || requirement == "freeze" ||
           requirement == not_taken_back || starts_with_any(requirement, {"suite:", "check:"});
}

bool precedes_approval(std::string_view requirement) {
    return requirement != "release-age" && requirement != "freeze" &&
           requirement != "distinct-accounts" &&
           !starts_with_any(requirement, {"approval:", "rejection:"});
}

Decision evaluate(const Policy& policy, const EvidenceFacts& facts,
                  const std::vector<Ruling>& rulings, TimePoint now) {
    expect_chain(rulings);
    Decision decision;
    decision.run = facts.run.id;
    decision.evidence_digest = facts.intact() ? facts.digest : "";
    if (facts.intact() && facts.run.verdict) decision.verdict = name(*facts.run.verdict);
    decision.policy = policy.name;
    decision.policy_digest = policy.digest;
    decision.decided = to_rfc3339(now);
    for (const Ruling& ruling : rulings) decision.rulings.push_back(ruling.digest());
    std::vector<Requirement>& all = decision.requirements;
    all = require_evidence(policy, facts);
    if (!facts.intact()) return decision;

    const Demanded demanded = demanded_of(policy, facts.run);
    all.push_back(require_verdict(policy, facts));
    for (const ScopedDemand& suite : demanded.suites)
        all.push_back(require_suite(suite, facts.run));
    for (const ScopedDemand& check : demanded.checks)
        all.push_back(require_check(check, facts.run));
    if (demanded.drill != DrillDemand::optional)
        all.push_back(require_drill(demanded.drill, facts.run));
    if (policy.evidence_days)
        all.push_back(require_evidence_age(*policy.evidence_days, facts, now));
    if (!demanded.release_ages.empty())
        all.push_back(require_release_age(demanded.release_ages, policy, facts, now));
    if (!policy.freezes.empty()) all.push_back(require_no_freeze(policy, facts, now));
    require_not_taken_back(facts, all);
    for (Requirement& requirement : all) apply_waiver(requirement, policy, facts, rulings, now);
    for (Requirement& requirement : require_people(policy, demanded.approvals, facts, rulings))
        all.push_back(std::move(requirement));
    decision.warnings = warnings_about_people(policy, facts, rulings);
    for (std::string& warning : warnings_about_dues(policy, facts, now))
        decision.warnings.push_back(std::move(warning));
    return decision;
}

}  // namespace patchlab::governance
