// SPDX-License-Identifier: Apache-2.0
//
// Tokens with which programs ask for operations: made, listed, revoked.
#include "orchestrator/governance/tokens.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

using governance::Role;

/// Who asks for something of another user's needs one of these roles. A refusal is recorded.
void expect_own_or(Call& call, const std::string& user, const std::vector<Role>& any_of,
                   const char* to_do) {
    if (user == call.actor.user) return;
    governance::Governance& house = call.session.governance();
    try {
        governance::require_role(house, call.actor, any_of, to_do);
    } catch (const Error& error) {
        house.audit.append(
            {call.actor, "refused", std::string(call.operation), {{"why", error.message()}}});
        throw;
    }
}

Outcome make_token(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    governance::TokenWords words;
    words.name = request.string("name");
    words.user = request.string_or("user", call.actor.user);
    words.days = request.integer_or("days", governance::usual_token_days);
    words.narrowing = governance::narrowing_from(request);
    expect_own_or(call, words.user, {Role::admin}, "make a token of another user");
    const auto made = governance::TokenStore(house).make(call.actor, words);
    return {{{"schema", "patchlab/token-made/v1"},
             {"token", governance::to_json(made.token, house.now())},
             {"text", made.text}}};
}

Outcome list_tokens(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    const bool all = request.boolean_or("all", false);
    if (all) expect_own_or(call, "", {Role::admin, Role::auditor}, "list the tokens of everybody");
    Json tokens = Json::array();
    for (const governance::Token& token :
         governance::TokenStore(house).list(all ? "" : call.actor.user))
        tokens.push_back(governance::to_json(token, house.now()));
    return {{{"schema", "patchlab/tokens/v1"}, {"tokens", tokens}}};
}

Outcome revoke_token(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    governance::TokenStore tokens(house);
    const governance::Token token = tokens.get(request.string("token"));
    expect_own_or(call, token.user, {Role::admin}, "revoke a token of another user");
    tokens.revoke(call.actor, token.id);
    return {{{"schema", "patchlab/token-revoked/v1"},
             {"token", governance::to_json(tokens.get(token.id), house.now())}}};
}

}  // namespace

std::vector<Operation> token_operations() {
    Access in_person = every_user().by_person();
    in_person.to_do = "make a token";
    return {
        {"token.create", "Make a token with which a program acts as a user; it is told once",
         Kind::write, in_person, make_token},
        {"token.list", "List the tokens of whoever asks, newest first", Kind::read, every_user(),
         list_tokens},
        {"token.revoke", "Make a token good for nothing from now on", Kind::write, every_user(),
         revoke_token, "token"},
    };
}

}  // namespace patchlab::operations
