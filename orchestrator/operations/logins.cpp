// SPDX-License-Identifier: Apache-2.0
//
// Logging in to a service, logging out, and who one is there.
#include "orchestrator/governance/passwords.hpp"
#include "orchestrator/governance/sessions.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"

namespace patchlab::operations {

namespace {

using governance::Actor;

Json roles_that_count(Session& session, const Actor& actor) {
    return governance::to_json(governance::acting_user(session.governance(), actor).roles);
}

Outcome start_session(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    const auto before = call.session.authenticated();
    const governance::StartedSession started =
        governance::log_in(house, request.string("user"), request.string("password"),
                           call.session.from(), before ? before->credential : "");
    const Actor& actor = started.actor;
    return {{{"schema", "patchlab/session-started/v1"},
             {"session", started.value},
             {"user", actor.user},
             {"roles", roles_that_count(call.session, actor)},
             {"csrf", governance::csrf_of(actor)},
             {"fresh_until", governance::fresh_until(actor)},
             {"expires", governance::session_end(actor)},
             {"idle_seconds", governance::session_idle_seconds}}};
}

Outcome end_session(Call& call, const JsonReader&) {
    governance::log_out(call.session.governance(), call.actor);
    return {{{"schema", "patchlab/session-ended/v1"}, {"user", call.actor.user}}};
}

/// Who asks, and what they may.
Outcome show_session(Call& call, const JsonReader&) {
    governance::Governance& house = call.session.governance();
    const Actor& actor = call.actor;
    const bool session = actor.login == "session";
    const auto password = governance::PasswordStore(house).status(actor.user);
    return {{{"schema", "patchlab/session/v1"},
             {"user", actor.user},
             {"login", actor.login},
             {"account", actor.os_user},
             {"roles", roles_that_count(call.session, actor)},
             {"scopes", governance::to_json(house.users.get(actor.user).scopes)},
             {"narrowing", actor.by_token() ? governance::to_json(actor.narrowing) : Json(nullptr)},
             {"csrf", or_null(governance::csrf_of(actor))},
             {"fresh_until", session ? Json(governance::fresh_until(actor)) : Json(nullptr)},
             {"expires", session ? Json(governance::session_end(actor)) : Json(nullptr)},
             {"password_set_by", password ? Json(password->set_by) : Json(nullptr)}}};
}

}  // namespace

std::vector<Operation> login_operations() {
    Access before_login = anyone();
    before_login.before_login = true;
    return {
        {"session.login", "Log in with name and password", Kind::write, before_login,
         start_session},
        {"session.logout", "End the session that is used to ask for this", Kind::write,
         every_user(), end_session},
        {"session.show", "Who am I here, how is it known, and what may I do", Kind::read,
         every_user(), show_session},
    };
}

}  // namespace patchlab::operations
