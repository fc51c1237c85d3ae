// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/sessions.hpp"

#include "orchestrator/governance/login_limits.hpp"
#include "orchestrator/governance/passwords.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/secret.hpp"

namespace patchlab::governance {

namespace {

constexpr std::size_t session_bytes = 32, session_length = 43, longest_origin = 200;
constexpr std::int64_t worth_noting_seconds = 60;  ///< use is noted once a minute

/// Nobody is known to act; "-" can be no user's name.
const Actor nobody_yet{"-", "-"};

[[noreturn]] void refuse_login(Governance& house, const std::string& user, const std::string& from,
                               const std::string& why) {
    const bool known = house.users.find(user).has_value();
    const std::int64_t refused = LoginLimits(house).refused(limited_origin(from));
    Json detail{{"from", from}, {"why", why}};
    if (refused > 0) detail["refused_before"] = refused;
    house.audit.append({nobody_yet, "login-failed", known ? user : "", detail});
    throw Error(ErrorCode::not_authenticated, "the name or the password is wrong");
}

Actor actor_from(const store::Row& row) {
    const std::string user = row.text("user");
    Actor actor{user, "login:" + user, -1, "session"};
    actor.credential = row.text("digest");
    actor.logged_in = row.text("logged_in");
    return actor;
}

}  // namespace

StartedSession log_in(Governance& house, const std::string& user, const std::string& password,
                      const std::string& from_where, const std::string& replaces) {
    const std::string from = from_where.substr(0, longest_origin);
    LoginLimits limits(house);
    limits.begin({limited_user(user), limited_origin(from)});
    const std::string why_not = PasswordStore(house).why_not(user, password);
    if (!why_not.empty()) refuse_login(house, user, from, why_not);
    limits.forgive(limited_user(user));
    limits.take_back(limited_origin(from));
    StartedSession started;
    started.value = random_text(session_bytes);
    Actor& actor = started.actor;
    actor = {house.users.get(user).name, "", -1, "session"};
    actor.os_user = "login:" + actor.user;
    actor.credential = sha256_hex(started.value);
    actor.logged_in = house.now();
    house.audit.append({actor, "login", actor.user, {{"from", from}}}, [&] {
        house.database.execute(
            "DELETE FROM governance_sessions WHERE logged_in < ? OR last_used < ? OR (digest = ? "
            "AND user = ?)",
            {seconds_after(actor.logged_in, -session_longest_seconds),
             seconds_after(actor.logged_in, -session_idle_seconds), replaces, actor.user});
        house.database.execute(
            "INSERT INTO governance_sessions (digest, user, logged_in, last_used, origin) VALUES "
            "(?, ?, ?, ?, ?)",
            {actor.credential, actor.user, actor.logged_in, actor.logged_in, from});
    });
    return started;
}

void log_out(Governance& house, const Actor& actor) {
    if (actor.login != "session")
        throw Error(ErrorCode::conflict, "there is no session to log out of");
    house.audit.append({actor, "logout", actor.user, Json::object()}, [&] {
        house.database.execute("DELETE FROM governance_sessions WHERE digest = ?",
                               {actor.credential});
    });
}

void end_sessions(Governance& house, const std::string& user, const std::string& but_digest) {
    house.database.execute("DELETE FROM governance_sessions WHERE user = ? AND digest <> ?",
                           {user, but_digest});
}

Actor actor_of_session(Governance& house, const std::string& value) {
    const auto refuse = [](const std::string& why) {
        throw Error(ErrorCode::not_authenticated, why, "log in");
    };
    if (value.size() != session_length) refuse("this is no session");
    const auto row = house.database.query_one("SELECT * FROM governance_sessions WHERE digest = ?",
                                              {sha256_hex(value)});
    if (!row) refuse("the session has ended");
    const std::string now = house.now();
    const Actor actor = actor_from(*row);
    if (seconds_after(row->text("last_used"), session_idle_seconds) <= now ||
        session_end(actor) <= now) {
        house.database.execute("DELETE FROM governance_sessions WHERE digest = ?",
                               {actor.credential});
        refuse("the session has ended");
    }
    if (!house.users.get(actor.user).active()) refuse("user '" + actor.user + "' was removed");
    if (seconds_after(row->text("last_used"), worth_noting_seconds) <= now)
        house.database.execute("UPDATE governance_sessions SET last_used = ? WHERE digest = ?",
                               {now, actor.credential});
    return actor;
}

std::string session_end(const Actor& actor) {
    return seconds_after(actor.logged_in, session_longest_seconds);
}

std::string fresh_until(const Actor& actor) {
    return seconds_after(actor.logged_in, fresh_seconds);
}

std::string csrf_of(const Actor& actor) {
    return actor.login == "session" ? hmac_text(actor.credential, "patchlab form") : "";
}

void expect_fresh(const Governance& house, const Actor& actor, std::string_view to_do) {
    if (actor.login != "session" || house.now() < fresh_until(actor)) return;
    throw Error(ErrorCode::not_authenticated,
                "the password was given more than " + std::to_string(fresh_seconds / 60) +
                    " minutes ago, too long to " + std::string(to_do),
                "log in again, then repeat it");
}

}  // namespace patchlab::governance
