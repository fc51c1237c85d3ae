// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/decision.hpp"

#include <algorithm>
#include <array>

#include "orchestrator/governance/policy.hpp"
#include "orchestrator/governance/ruling_store.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "policy_files.hpp"

namespace patchlab::governance {

namespace {

constexpr std::string_view schema = "patchlab/decision/v1";

constexpr std::array<std::pair<RequirementState, std::string_view>, 5> states{
    {{RequirementState::passed, "passed"},
     {RequirementState::missing, "missing"},
     {RequirementState::failed, "failed"},
     {RequirementState::waived, "waived"},
     {RequirementState::expired, "expired"}}};

Requirement requirement_from(const JsonReader& json) {
    Requirement requirement{json.string("id"), RequirementState::missing, json.string("detail"),
                            json.strings("evidence")};
    const std::string type = json.string("type");
    const auto known = std::find_if(states.begin(), states.end(),
                                    [&](const auto& state) { return state.second == type; });
    if (known == states.end())
        json.fail("type", "is '" + type + "', which this version does not know");
    requirement.state = known->first;
    return requirement;
}

}  // namespace

std::string_view name(RequirementState state) {
    for (const auto& [value, word] : states)
        if (value == state) return word;
    throw Error(ErrorCode::internal, "the state of a requirement has no name");
}

bool Decision::satisfied() const { return !requirements.empty() && unsatisfied().empty(); }

std::vector<const Requirement*> Decision::unsatisfied() const {
    std::vector<const Requirement*> open;
    for (const Requirement& requirement : requirements)
        if (!requirement.satisfied()) open.push_back(&requirement);
    return open;
}

const Requirement* Decision::find(std::string_view id) const {
    const auto found =
        std::find_if(requirements.begin(), requirements.end(),
                     [&](const Requirement& requirement) { return requirement.id == id; });
    return found == requirements.end() ? nullptr : &*found;
}

std::string Decision::summary() const {
    if (satisfied()) return "may be promoted";
    std::string open;
    for (const Requirement* requirement : unsatisfied())
        open += (open.empty() ? "" : ", ") + requirement->id + " (" +
                std::string(name(requirement->state)) + ")";
    return "may not be promoted: " + (open.empty() ? "nothing was looked at" : open);
}

Json to_json(const Decision& decision) {
    Json requirements = Json::array(), open = Json::array();
    for (const Requirement& requirement : decision.requirements) {
        requirements.push_back({{"id", requirement.id},
                                {"type", name(requirement.state)},
                                {"satisfied", requirement.satisfied()},
                                {"detail", requirement.detail},
                                {"evidence", requirement.evidence}});
        if (!requirement.satisfied())
            open.push_back({{"id", requirement.id}, {"type", name(requirement.state)}});
    }
    return {{"schema", schema},
            {"run", decision.run},
            {"satisfied", decision.satisfied()},
            {"summary", decision.summary()},
            {"evidence_digest",
             decision.evidence_digest.empty() ? Json(nullptr) : Json(decision.evidence_digest)},
            {"verdict", decision.verdict.empty() ? Json(nullptr) : Json(decision.verdict)},
            {"policy", {{"name", decision.policy}, {"digest", decision.policy_digest}}},
            {"decided", decision.decided},
            {"unsatisfied", open},
            {"requirements", requirements},
            {"rulings", decision.rulings},
            {"warnings", decision.warnings}};
}

Decision decision_from_json(const Json& document) {
    const JsonReader json(document, "decision");
    json.expect_schema(schema);
    Decision decision;
    decision.run = json.string("run");
    decision.evidence_digest = json.string_or("evidence_digest", "");
    decision.verdict = json.string_or("verdict", "");
    decision.policy = json.object("policy").string("name");
    decision.policy_digest = json.object("policy").string("digest");
    decision.decided = json.string("decided");
    for (const JsonReader& item : json.objects("requirements"))
        decision.requirements.push_back(requirement_from(item));
    decision.rulings = json.strings("rulings");
    decision.warnings = json.strings_or_empty("warnings");
    if (json.boolean("satisfied") != decision.satisfied())
        json.fail("satisfied", "contradicts the requirements");
    return decision;
}

std::string decision_schema() {
    return std::string(embedded::policy_files::file("decision.schema.json"));
}

EvidenceFacts facts_of(Governance& house, const std::string& run) {
    const pipeline::RunRow row = pipeline::RunStore(house.state, house.database).get(run);
    if (row.kind != "rehearse")
        throw Error(ErrorCode::invalid,
                    "run " + run + " only prepared a lab: there is nothing to promote");
    EvidenceFacts facts = read_facts(house.evidence_of(run), house.keys.public_keys());
    expect_run(facts, row.id, row.requester);
    look_for_taken_back(house.taken_back, facts);
    return facts;
}

DecidedRun decided_run(Governance& house, const std::string& run, const Policy& policy) {
    DecidedRun decided;
    decided.facts = facts_of(house, run);
    look_for_dues(house.due, policy, decided.facts);
    if (decided.facts.intact()) decided.rulings = rulings_of(house, run, decided.facts.digest);
    decided.decision = evaluate(policy, decided.facts, decided.rulings, house.clock.now());
    decided.decision.run = run;
    return decided;
}

DecidedRun decided_run(Governance& house, const std::string& run) {
    return decided_run(house, run, PolicyStore(house).in_force().policy);
}

Decision decide(Governance& house, const std::string& run) {
    return decided_run(house, run).decision;
}

}  // namespace patchlab::governance
