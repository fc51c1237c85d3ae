// SPDX-License-Identifier: Apache-2.0
//
// The one place where it is decided whether somebody may ask for an operation: by their roles, the
// scopes of these, the token they act by, and how long ago they gave their password.
#include <algorithm>

#include "orchestrator/governance/sessions.hpp"
#include "orchestrator/operations/operation.hpp"
#include "orchestrator/operations/reach.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::operations {

namespace {

using governance::Actor;
using governance::Role;

bool asks_of_themselves(const Actor& actor, const Operation& operation, const Json& request) {
    const auto named = request.find(operation.access.themselves);
    return named != request.end() && *named == actor.user;
}

std::string doing(const Operation& operation) {
    return operation.access.to_do.empty() ? "do this" : std::string(operation.access.to_do);
}

void expect_person(const Actor& actor, const Operation& operation) {
    if (operation.access.in_person && actor.by_token())
        throw Error(ErrorCode::not_allowed, "a token may not " + doing(operation),
                    "a person does this: log in");
}

/// An auditor reads everything and changes nothing, whatever every user may.
void expect_no_auditor(Session& session, const Actor& actor, const Operation& operation) {
    if (!writes(operation.kind) || operation.access.personal) return;
    const auto roles = governance::acting_user(session.governance(), actor).roles;
    const bool auditor = !roles.empty() && std::all_of(roles.begin(), roles.end(), [](Role role) {
        return role == Role::auditor;
    });
    if (auditor)
        throw Error(ErrorCode::not_allowed, "user '" + actor.user + "' may not " + doing(operation),
                    "an auditor reads everything and changes nothing");
}

std::string first_outside(const governance::Scope& scope, const Reach& reach) {
    for (const governance::Place& place : reach.places)
        if (!scope.covers(place)) return place.name;
    return {};
}

/// The roles of the user that permit the operation for all that the request reaches.
std::vector<Role> roles_in_scope(Session& session, const Actor& actor, const Operation& operation,
                                 const Json& request) {
    const governance::User user = governance::require_role(
        session.governance(), actor, operation.access.any_of, operation.access.to_do);
    std::vector<Role> good, scoped;
    for (const Role role : operation.access.any_of)
        if (user.has(role)) (user.scope_of(role).everywhere() ? good : scoped).push_back(role);
    if (scoped.empty()) return good;
    const Reach reach = reach_of(session, operation, request);
    std::string why;
    for (const Role role : scoped) {
        const governance::Scope& scope = user.scope_of(role);
        const std::string outside = first_outside(scope, reach);
        const bool of_machines = !reach.places.empty() && !reach.everything;
        if (of_machines && outside.empty()) good.push_back(role);
        else
            why += (why.empty() ? "" : "; ") + ("the role " + std::string(governance::name(role))) +
                   " holds for " + governance::scope_text(scope) + " only, and " +
                   (outside.empty() ? "this is not about machines of that scope alone"
                                    : "'" + outside + "' lies outside");
    }
    if (good.empty())
        throw Error(ErrorCode::not_allowed,
                    "user '" + actor.user + "' may not " + doing(operation) + " here: " + why,
                    "somebody whose role holds there may");
    return good;
}

/// Everything of a kind that is reached must be named by the token, if it names any of that kind.
bool within(const std::set<std::string>& reached, const std::vector<std::string>& named,
            std::string& outside) {
    if (named.empty()) return true;
    for (const std::string& one : reached)
        if (std::find(named.begin(), named.end(), one) == named.end()) {
            outside = one;
            return false;
        }
    return true;
}

void expect_within_token(Session& session, const Actor& actor, const Operation& operation,
                         const Json& request) {
    const governance::Narrowing& to = actor.narrowing;
    if (!actor.by_token() || !to.of_things() || !writes(operation.kind) ||
        operation.access.personal)
        return;
    const Reach reach = reach_of(session, operation, request);
    const bool touched = (!to.labs.empty() && !reach.labs.empty()) ||
                         (!to.channels.empty() && !reach.channels.empty()) ||
                         (!to.rings.empty() && !reach.rings.empty());
    std::string outside;
    const bool inside = within(reach.labs, to.labs, outside) &&
                        within(reach.channels, to.channels, outside) &&
                        within(reach.rings, to.rings, outside);
    if (touched && inside && !reach.everything) return;
    throw Error(ErrorCode::not_allowed,
                "token " + actor.credential + " may not " + doing(operation) +
                    (outside.empty() ? "" : ": '" + outside + "' is not among what it is for"),
                "it is narrowed: patchlab token list");
}

/// The actor with the roles that count.
Actor permitted(Session& session, Actor actor, const Operation& operation, const Json& request) {
    expect_person(actor, operation);
    expect_within_token(session, actor, operation, request);
    if (operation.access.any_of.empty()) expect_no_auditor(session, actor, operation);
    else if (!asks_of_themselves(actor, operation, request))
        actor.roles = roles_in_scope(session, actor, operation, request);
    return actor;
}

}  // namespace

Actor authorise(Session& session, const Operation& operation, const Json& request) {
    const Access& access = operation.access;
    if (access.before_login) return {};
    const bool for_everybody = !writes(operation.kind) && access.any_of.empty() && !access.known;
    if (for_everybody && !session.has_caller()) return {};
    const Actor actor = session.actor();
    if (access.fresh) governance::expect_fresh(session.governance(), actor, doing(operation));
    try {
        return permitted(session, actor, operation, request);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_allowed)
            session.governance().audit.append(
                {actor, "refused", std::string(operation.name), {{"why", error.message()}}});
        throw;
    }
}

}  // namespace patchlab::operations
