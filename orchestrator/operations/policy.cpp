// SPDX-License-Identifier: Apache-2.0
//
// Policies: which runs may be promoted, and who must approve.
#include "orchestrator/governance/policy.hpp"

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/patch_history.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

using governance::PolicyStore;
using governance::StoredPolicy;

Outcome check_policy(Call&, const JsonReader& request) {
    const TextFile definition = text_file(request, "definition");
    Diagnostics diagnostics;
    const governance::Policy policy =
        governance::parse_policy(definition.text, definition.file, diagnostics);
    return checked("patchlab/policy-check/v1", definition.file, policy.name, diagnostics);
}

/// What this installation knows of the patches besides the evidence: when they are due, and what
/// became of earlier updates.
Json background_of(Call& call, const governance::EvidenceFacts& facts) {
    Json background = Json::array();
    if (!facts.intact()) return background;
    const std::vector<governance::PatchDue> dues = call.session.governance().due(facts);
    for (const reports::RunPatch& patch : facts.run.patches) {
        Json item{{"patch", patch.id}, {"due", Json::array()}};
        for (const governance::PatchDue& due : dues)
            if (due.patch == patch.id)
                item["due"].push_back({{"by", due.table},
                                       {"due_at", or_null(due.due)},
                                       {"due_at_best_at", or_null(due.certain)},
                                       {"why", due.why}});
        item["history"] = history_of(call.session, patch.source);
        background.push_back(std::move(item));
    }
    return background;
}

/// The policy that the request brings, or the one in force.
governance::Policy policy_to_explain(Call& call, const JsonReader& request) {
    if (!request.has("definition")) return PolicyStore(call.session.governance()).in_force().policy;
    const auto [file, text] = text_file(request, "definition");
    Diagnostics diagnostics;
    governance::Policy policy = governance::parse_policy(text, file, diagnostics);
    diagnostics.throw_if_any("reading policy " + file);
    return policy;
}

Outcome explain_policy(Call& call, const JsonReader& request) {
    const std::string run = request.string("run");
    const governance::DecidedRun decided =
        governance::decided_run(call.session.governance(), run, policy_to_explain(call, request));
    Json document = governance::to_json(decided.decision);
    document["background"] = background_of(call, decided.facts);
    return {std::move(document), decided.decision.satisfied() ? 0 : exit_code(ErrorCode::refused)};
}

Outcome add_policy(Call& call, const JsonReader& request) {
    const std::string builtin = request.string_or("builtin", "");
    if (builtin.empty() != request.has("definition"))
        throw Error(ErrorCode::usage, "no policy was named", "give a FILE, or --builtin NAME");
    TextFile definition{builtin, ""};
    if (builtin.empty()) definition = text_file(request, "definition");
    else definition.text = governance::builtin_policy(builtin);
    const StoredPolicy added =
        PolicyStore(call.session.governance()).add(call.actor, definition.text, definition.file);
    return {{{"schema", "patchlab/policy-added/v1"},
             {"name", added.policy.name},
             {"digest", added.policy.digest}}};
}

std::vector<StoredPolicy> all_policies(Call& call) {
    std::vector<StoredPolicy> policies = PolicyStore(call.session.governance()).list();
    if (policies.empty()) policies.push_back(PolicyStore(call.session.governance()).in_force());
    return policies;
}

Outcome list_policies(Call& call, const JsonReader&) {
    Json policies = Json::array();
    const std::vector<StoredPolicy> all = all_policies(call);
    for (const StoredPolicy& one : all)
        policies.push_back({{"name", one.policy.name},
                            {"digest", one.policy.digest},
                            {"in_force", &one == &all.back()},
                            {"added", or_null(one.added)},
                            {"added_by", or_null(one.added_by)}});
    return {{{"schema", "patchlab/policies/v1"}, {"policies", policies}}};
}

StoredPolicy find_policy(Call& call, const std::string& wanted) {
    std::vector<StoredPolicy> all = all_policies(call);
    if (wanted.empty()) return PolicyStore(call.session.governance()).in_force();
    for (auto policy = all.rbegin(); policy != all.rend(); ++policy)
        if (policy->policy.name == wanted ||
            (wanted.size() >= 8 && policy->policy.digest.starts_with(wanted)))
            return *policy;
    throw Error(ErrorCode::not_found, "there is no policy '" + wanted + "'",
                "see: patchlab policy list");
}

Outcome show_policy(Call& call, const JsonReader& request) {
    const StoredPolicy policy = find_policy(call, request.string_or("policy", ""));
    return {{{"schema", "patchlab/policy-text/v1"},
             {"name", policy.policy.name},
             {"digest", policy.policy.digest},
             {"text", policy.policy.source}}};
}

}  // namespace

std::vector<Operation> policy_operations() {
    const Access administers = administrators("put a policy in force");
    return {
        {"policy.check", "Check a policy: every mistake, with file, line and path", Kind::read,
         anyone(), check_policy},
        {"policy.explain", "Why a run may or may not be promoted, requirement by requirement",
         Kind::read, anyone(), explain_policy, "run"},
        {"policy.add", "Put a policy in force; the ones before it stay on record", Kind::write,
         administers, add_policy},
        {"policy.list", "List the policies, oldest first; the last one is in force", Kind::read,
         anyone(), list_policies},
        {"policy.show", "Show the text of the policy in force, or of another one", Kind::read,
         anyone(), show_policy, "policy"},
    };
}

}  // namespace patchlab::operations
