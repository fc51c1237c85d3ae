// SPDX-License-Identifier: Apache-2.0
//
// Sessions of people who logged in with their password: 256 random bits that are told once and
// kept as a digest. A session ends after half an hour without use, after twelve hours in any case,
// when the user logs out, gets another password or is removed. Thread safety: one a thread.
#pragma once

#include <string>

#include "orchestrator/governance/governance.hpp"

namespace patchlab::governance {

inline constexpr std::int64_t session_idle_seconds = 30 * 60;
inline constexpr std::int64_t session_longest_seconds = 12 * 3600;
/// Acts that change production ask for a password that was given within so many seconds.
inline constexpr std::int64_t fresh_seconds = 15 * 60;

struct StartedSession {
    std::string value;  ///< told once; whoever has it acts as the user
    Actor actor;
};

/// Error(not_authenticated): the name or the password is wrong, which is recorded, or too many
/// tries failed. `from`: where it comes from, for the record and the limits. `replaces`: the
/// digest of a session that this one takes the place of; may be empty.
StartedSession log_in(Governance& house, const std::string& user, const std::string& password,
                      const std::string& from, const std::string& replaces = {});
/// Ends the session that the actor acts by. Error(conflict): by none.
void log_out(Governance& house, const Actor& actor);
/// Inside the caller's transaction: all of the user's but one.
void end_sessions(Governance& house, const std::string& user, const std::string& but_digest = {});

/// Who has this session. Error(not_authenticated).
Actor actor_of_session(Governance& house, const std::string& value);

/// Until when the session of the actor goes at most, RFC 3339.
std::string session_end(const Actor& actor);
/// Until when the password counts as just given, RFC 3339.
std::string fresh_until(const Actor& actor);
/// What every form of the session carries, so that no other page can send it. Empty: no session.
std::string csrf_of(const Actor& actor);
/// Error(not_authenticated) when the actor acts by a session whose password was given too long ago.
void expect_fresh(const Governance& house, const Actor& actor, std::string_view to_do);

}  // namespace patchlab::governance
