// SPDX-License-Identifier: Apache-2.0
//
// May this run be promoted? Each requirement of the policy is answered by itself, with what it was
// answered from, as Greenwave does: missing is never satisfied. evaluate() is a pure function;
// decide() collects what it needs and verifies all of it. Values; thread-safe as such.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/governance/facts.hpp"
#include "orchestrator/governance/governance.hpp"
#include "orchestrator/governance/policy.hpp"
#include "orchestrator/governance/ruling.hpp"

namespace patchlab::governance {

///   passed   it holds
///   missing  what would answer it is not there
///   failed   it is there and says no
///   waived   it does not hold, and somebody answers for that until a date
///   expired  a waiver is over, or the evidence is too old
enum class RequirementState { passed, missing, failed, waived, expired };
std::string_view name(RequirementState state);

struct Requirement {
    std::string id;  ///< "verdict", "suite:nginx", "approval:release-manager": what `waive
                     ///< --requirement` names
    RequirementState state = RequirementState::missing;
    std::string detail;                 ///< one sentence
    std::vector<std::string> evidence;  ///< what was looked at: "run.json#/drill", "ruling of bob"
    bool satisfied() const {
        return state == RequirementState::passed || state == RequirementState::waived;
    }
};

struct Decision {
    std::string run;
    std::string evidence_digest;
    std::string verdict;
    std::string policy;         ///< its name
    std::string policy_digest;  ///< sha256 of its text
    std::string decided;        ///< RFC 3339
    std::vector<Requirement> requirements;
    std::vector<std::string> rulings;   ///< sha256 of each ruling that was looked at, oldest first
    std::vector<std::string> warnings;  ///< what a reader should know, though it stops nothing

    bool satisfied() const;
    std::vector<const Requirement*> unsatisfied() const;
    const Requirement* find(std::string_view id) const;
    /// "may be promoted", or "may not be promoted: drill (missing), approval:system-owner
    /// (missing)"
    std::string summary() const;
};

/// Schema patchlab/decision/v1.
Json to_json(const Decision& decision);
/// Error(invalid).
Decision decision_from_json(const Json& json);

/// Pure. `rulings` are those over this evidence, verified, oldest first. Error(refused) when they
/// are not in the order in which they were signed.
Decision evaluate(const Policy& policy, const EvidenceFacts& facts,
                  const std::vector<Ruling>& rulings, TimePoint now);

/// True when a person may answer for the requirement in this state of things; what proves that
/// evidence is real, who asked and who approved never can be waived, nor a run of which nothing is
/// known.
bool waivable(const Policy& policy, const EvidenceFacts& facts, std::string_view requirement);

/// True when the requirement must hold before anybody may approve: time heals the others, or the
/// approval itself.
bool precedes_approval(std::string_view requirement);

/// A decision about a run of this state, and what it was taken from.
struct DecidedRun {
    EvidenceFacts facts;
    std::vector<Ruling> rulings;  ///< over this evidence, oldest first; none when it is not intact
    Decision decision;
};
/// Error(not_found): no such run; a run without evidence, or whose evidence is not intact, gives a
/// decision that is not satisfied.
DecidedRun decided_run(Governance& house, const std::string& run, const Policy& policy);
/// The same under the policy in force.
DecidedRun decided_run(Governance& house, const std::string& run);

/// The decision of the policy in force about a run of this state. Error as decided_run().
Decision decide(Governance& house, const std::string& run);

/// What the evidence of a run of this state says. Error(not_found), Error(invalid) for a run that
/// only prepared a lab.
EvidenceFacts facts_of(Governance& house, const std::string& run);

/// The published JSON Schema (2020-12) of a decision.
std::string decision_schema();

}  // namespace patchlab::governance
