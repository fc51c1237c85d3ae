// SPDX-License-Identifier: Apache-2.0
//
// approve, reject, waive: what a person decides about a run.
#include "orchestrator/governance/decision.hpp"
#include "orchestrator/governance/ruling_store.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

using governance::RulingKind;

governance::RulingWords words_in(const JsonReader& request, RulingKind kind) {
    governance::RulingWords wanted;
    wanted.kind = kind;
    wanted.run = request.string("run");
    wanted.reason = request.string_or("reason", "");
    wanted.requirement = request.string_or("requirement", "");
    wanted.owner = request.string_or("owner", "");
    wanted.expires = request.string_or("expires", "");
    if (request.has("role")) wanted.role = governance::role_from(request.string("role"));
    return wanted;
}

/// A key that the author keeps signs a draft where it is, or is a file on the host where the
/// operation runs: a secret is never part of a request.
Outcome decide_about_run(Call& call, const JsonReader& request, RulingKind kind) {
    governance::Governance& house = call.session.governance();
    governance::RulingWords wanted = words_in(request, kind);
    wanted.signed_text = request.string_or("signed", "");
    std::optional<SecretKey> key;
    if (request.has("key_file")) key = read_secret_key(request.string("key_file"));
    wanted.key = key ? &*key : nullptr;
    const governance::Ruling ruling = governance::rule(house, call.actor, wanted);
    const governance::Decision decision = governance::decide(house, wanted.run);
    if (kind == RulingKind::reject) warn_of_entry(call, wanted.run);
    Json document = governance::to_json(ruling);
    document["decision"] = {{"satisfied", decision.satisfied()},
                            {"summary", decision.summary()},
                            {"warnings", decision.warnings}};
    if (request.boolean_or("with_envelope", false)) document["envelope"] = ruling.envelope;
    return {document};
}

Outcome approve_run(Call& call, const JsonReader& request) {
    return decide_about_run(call, request, RulingKind::approve);
}

Outcome reject_run(Call& call, const JsonReader& request) {
    return decide_about_run(call, request, RulingKind::reject);
}

Outcome waive_requirement(Call& call, const JsonReader& request) {
    return decide_about_run(call, request, RulingKind::waive);
}

Outcome draft_decision(Call& call, const JsonReader& request) {
    const std::string kind = request.string("kind");
    RulingKind wanted = RulingKind::approve;
    if (kind != "approve") wanted = kind == "reject" ? RulingKind::reject : RulingKind::waive;
    return {{{"schema", "patchlab/ruling-draft/v1"},
             {"run", request.string("run")},
             {"kind", kind},
             {"text", governance::draft_ruling(call.session.governance(), call.actor,
                                               words_in(request, wanted))}}};
}

}  // namespace

std::vector<Operation> decision_operations() {
    const auto deciders = [](std::string_view to_do) {
        const Access access{{governance::Role::release_manager, governance::Role::system_owner},
                            to_do};
        return access.by_person();
    };
    return {
        {"decision.approve", "Approve a run that somebody else asked for", Kind::write,
         deciders("approve a run").with_fresh_login(), approve_run, "run"},
        {"decision.draft", "What a decision would say, to be signed with one's own key", Kind::read,
         deciders("decide about a run"), draft_decision, "run"},
        {"decision.reject", "Reject a run; it stays so until the same person approves it",
         Kind::write, deciders("reject a run"), reject_run, "run"},
        {"decision.waive", "Answer for one open requirement of a run, until a date", Kind::write,
         deciders("waive a requirement"), waive_requirement, "run"},
    };
}

}  // namespace patchlab::operations
