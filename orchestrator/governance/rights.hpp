// SPDX-License-Identifier: Apache-2.0
//
// Who may do what, and who acts. A user has one or more roles; no role holds another one, so that
// nobody approves by being an administrator. A role holds everywhere, or for the machines of a
// scope. Values; thread-safe as such.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json.hpp"

namespace patchlab::governance {

///   viewer           reads
///   tester           asks for runs
///   release_manager  approves, rejects, waives, promotes, steers rollouts
///   system_owner     approves and rejects for the systems; waives
///   admin            users, keys, policy; asks for runs
///   auditor          reads everything, changes nothing
enum class Role { viewer, tester, release_manager, system_owner, admin, auditor };

/// "release-manager"
std::string_view name(Role role);
/// Error(invalid) for an unknown word, naming the known ones.
Role role_from(std::string_view word);
std::vector<std::string> role_words();
/// The names of these.
Json to_json(const std::vector<Role>& roles);

/// A machine of a lab, or a host, as scopes tell them apart.
struct Place {
    std::string name;
    std::string criticality;  ///< "mission-critical"
    std::vector<std::string> groups;
};

/// For which machines a role holds: those of any of these terms, "group=web" or
/// "criticality=mission-critical". Without a term: for all.
struct Scope {
    std::vector<std::string> terms;  ///< sorted, without repetition
    bool everywhere() const { return terms.empty(); }
    bool covers(const Place& place) const;
    bool operator==(const Scope&) const = default;
};
/// Error(invalid) for a term that is none.
Scope scope_from(std::vector<std::string> terms);
/// "criticality=mission-critical or group=web"
std::string scope_text(const Scope& scope);
/// Role → terms.
Json to_json(const std::map<Role, Scope>& scopes);

/// What a token may be used for, out of what its user may do. An empty list narrows nothing.
struct Narrowing {
    std::optional<Role> role;
    std::vector<std::string> labs, channels, rings;
    bool of_things() const { return !labs.empty() || !channels.empty() || !rings.empty(); }
};
Json to_json(const Narrowing& narrowing);
/// Error(invalid).
Narrowing narrowing_from(const JsonReader& json);

/// The account that somebody acted from.
struct Account {
    /// The account of the operating system; of somebody who logged in to the service
    /// "login:USER", of a token "token:ID". Empty: it is not known.
    std::string os_user;
    std::int64_t uid = -1;
    /// How it is known that the user acts: "os-account" (the process has their account),
    /// "unix-socket" (the process at the other end of a socket has it, as the kernel says),
    /// "on-behalf" (the account may act for others, and named them), "session" (they gave their
    /// password), "proxy" (a trusted proxy says so) or "token".
    std::string login;
    bool known() const { return !os_user.empty(); }
    /// Whose account named the user; empty: it was the user's own, or it is not known.
    std::string acting_for_another() const { return login == "on-behalf" ? os_user : ""; }
};
Json to_json(const Account& account);
/// Error(invalid).
Account account_from(const JsonReader& json);

/// Who acts: the user of patchlab, and the account that they were seen to act from.
struct Actor {
    std::string user;
    std::string os_user;
    std::int64_t uid = -1;
    std::string login = {};       ///< as in Account
    std::string credential = {};  ///< the id of the token, or the digest of the session
    std::string logged_in = {};   ///< RFC 3339: when the password of the session was given last
    Narrowing narrowing = {};     ///< of the token
    /// The roles that count for what is done now; nullopt: all that the user has.
    std::optional<std::vector<Role>> roles = {};
    Account account() const { return {os_user, uid, login}; }
    bool by_token() const { return login == "token"; }
    /// They act from an account of the operating system that is their own.
    bool by_own_account() const { return login == "os-account" || login == "unix-socket"; }
};

/// The account of this process: with sudo, that of the user who called it. Its login is empty.
Account os_account();
/// Its name.
std::string os_user_name();
/// The account with this number: "uid-1234" where it has no name. Its login is empty.
Account account_with(std::int64_t uid);

}  // namespace patchlab::governance
