// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/approved_run.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

#include "orchestrator/governance/policy.hpp"
#include "orchestrator/governance/ruling_store.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "reports/manifest.hpp"

namespace patchlab::governance {

namespace {

constexpr std::string_view predicate_type = "urn:patchlab:decision:v1";
constexpr const char* decision_file = "decision.dsse.json";
constexpr const char* policy_file = "policy.yaml";
constexpr std::uint64_t max_document_bytes = 4U << 20;
constexpr std::size_t max_rulings = 1000;

std::string ruling_file(std::size_t number) {
    char name[40];
    std::snprintf(name, sizeof name, "ruling-%02zu.dsse.json", number);
    return name;
}

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::refused, why); }

Statement statement_of_decision(const Decision& decision) {
    return {{{reports::manifest_file, decision.evidence_digest}},
            std::string(predicate_type),
            to_json(decision)};
}

Decision open_decision(const fs::path& folder, const EvidenceFacts& facts,
                       const std::vector<PublicKey>& installation) {
    const Statement statement =
        open_statement(read_file(folder / decision_file, max_document_bytes), decision_file,
                       installation)
            .statement;
    if (statement.predicate_type != predicate_type)
        refuse(std::string(decision_file) + " is no decision");
    Decision decision = decision_from_json(statement.predicate);
    if (statement.digest_of(reports::manifest_file) != facts.digest ||
        decision.evidence_digest != facts.digest || decision.run != facts.run.id)
        refuse("the decision is about other evidence");
    if (decision.rulings.size() > max_rulings) refuse("the decision names too many rulings");
    return decision;
}

/// Exactly the rulings that the decision looked at.
std::vector<Ruling> read_rulings(const fs::path& folder, const Decision& decision,
                                 const EvidenceFacts& facts,
                                 const std::vector<PublicKey>& installation) {
    std::vector<Ruling> rulings;
    std::set<std::string> known{decision_file, policy_file};
    for (std::size_t i = 0; i < decision.rulings.size(); ++i) {
        const std::string file = ruling_file(i + 1);
        known.insert(file);
        Ruling ruling =
            verify_ruling(read_file(folder / file, max_document_bytes), file, installation);
        if (ruling.digest() != decision.rulings[i])
            refuse(file + " is not the ruling that the decision looked at");
        expect_ruling_of(ruling, file, facts);
        rulings.push_back(std::move(ruling));
    }
    expect_chain(rulings);
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (!known.contains(entry.path().filename().string()))
            refuse("the approval holds a foreign file, " + entry.path().filename().string());
    return rulings;
}

Policy read_policy(const std::string& text, const Decision& decision) {
    Diagnostics diagnostics;
    Policy policy = parse_policy(text, policy_file, diagnostics);
    if (policy.digest != decision.policy_digest)
        refuse("policy.yaml is not the policy that was decided under");
    diagnostics.throw_if_any("reading the policy that was decided under");
    return policy;
}

EvidenceFacts good_facts(const fs::path& evidence, const std::vector<PublicKey>& installation) {
    EvidenceFacts facts = read_facts(evidence, installation);
    if (facts.digest.empty()) refuse("there is no evidence in " + evidence.string());
    if (!facts.intact()) refuse("the evidence is not what was sealed: " + facts.seal_problem);
    if (!facts.signature_problem.empty())
        refuse("the signature of the evidence is not good: " + facts.signature_problem);
    if (facts.signer.empty()) refuse("the evidence is not signed");
    return facts;
}

void expect_same(const Decision& told, const Decision& taken) {
    const auto same = [](const Requirement& a, const Requirement& b) {
        return a.id == b.id && a.state == b.state;
    };
    if (!std::equal(told.requirements.begin(), told.requirements.end(), taken.requirements.begin(),
                    taken.requirements.end(), same))
        refuse("the decision does not follow from evidence, rulings and policy");
    if (!taken.satisfied()) refuse("run " + taken.run + " " + taken.summary());
}

void expect_waivers_last(const ApprovedRun& approved, TimePoint now) {
    for (const Requirement& requirement : approved.decision.requirements) {
        if (requirement.state != RequirementState::waived) continue;
        for (auto ruling = approved.rulings.rbegin(); ruling != approved.rulings.rend(); ++ruling) {
            if (ruling->kind != RulingKind::waive || ruling->requirement != requirement.id)
                continue;
            if (now >= from_rfc3339(ruling->expires))
                refuse("the waiver of '" + requirement.id + "' by " + ruling->author +
                       " was over at " + ruling->expires);
            break;
        }
    }
}

}  // namespace

std::vector<std::string> ApprovedRun::approvers() const {
    std::vector<std::string> names;
    for (const Ruling* ruling : newest_voices(rulings))
        if (ruling->kind == RulingKind::approve) names.push_back(ruling->author);
    return names;
}

ApprovedRun approved_run(Governance& house, const std::string& run) {
    const Policy policy = PolicyStore(house).in_force().policy;
    DecidedRun decided = decided_run(house, run, policy);
    if (!decided.decision.satisfied())
        throw Error(ErrorCode::refused, "run " + run + " " + decided.decision.summary(),
                    "see: patchlab policy explain " + run);
    ApprovedRun approved;
    approved.facts = std::move(decided.facts);
    approved.decision = std::move(decided.decision);
    approved.rulings = std::move(decided.rulings);
    approved.policy_source = policy.source;
    approved.decision_envelope =
        sign_statement(statement_of_decision(approved.decision), house.keys.current(house.clock));
    return approved;
}

void write_approval(const ApprovedRun& approved, const fs::path& folder) {
    make_folder(folder);
    for (std::size_t i = 0; i < approved.rulings.size(); ++i)
        write_file_atomic(folder / ruling_file(i + 1), approved.rulings[i].envelope, 0444);
    write_file_atomic(folder / policy_file, approved.policy_source, 0444);
    write_file_atomic(folder / decision_file, approved.decision_envelope, 0444);
}

ApprovedRun read_approval(const fs::path& folder, const fs::path& evidence,
                          const std::vector<PublicKey>& installation, TimePoint now) {
    return during("verifying the approval in " + folder.string(), [&] {
        ApprovedRun approved;
        approved.facts = good_facts(evidence, installation);
        approved.decision_envelope = read_file(folder / decision_file, max_document_bytes);
        approved.decision = open_decision(folder, approved.facts, installation);
        remember_taken_back(approved.decision, approved.facts);
        remember_dues(approved.decision, approved.facts);
        approved.policy_source = read_file(folder / policy_file, max_document_bytes);
        const Policy policy = read_policy(approved.policy_source, approved.decision);
        approved.rulings = read_rulings(folder, approved.decision, approved.facts, installation);
        expect_same(approved.decision, evaluate(policy, approved.facts, approved.rulings,
                                                from_rfc3339(approved.decision.decided)));
        expect_waivers_last(approved, now);
        return approved;
    });
}

}  // namespace patchlab::governance
