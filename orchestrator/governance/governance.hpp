// SPDX-License-Identifier: Apache-2.0
//
// Governance of one state folder: who may do what, under which policy, and what was decided. The
// one thing that doors and later modules (catalog, rollout) open to ask; it borrows the database
// and the clock. Thread safety: one a thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/governance/audit.hpp"
#include "orchestrator/governance/taken_back.hpp"
#include "orchestrator/governance/users.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/key_ring.hpp"
#include "platform/store/database.hpp"

namespace patchlab::governance {

struct Governance {
    Governance(std::filesystem::path state_folder, store::Database& opened, const Clock& time);

    std::filesystem::path state;
    store::Database& database;
    const Clock& clock;
    KeyRing keys;  ///< of the installation
    UserStore users;
    AuditTrail audit;
    AskTakenBack taken_back;  ///< the catalog, once somebody opened one; empty: nobody is asked

    std::filesystem::path evidence_of(const std::string& run) const {
        return state / "runs" / run / "evidence";
    }
    std::string now() const { return to_rfc3339(clock.now()); }
};

/// Who acts: the user whose account of the operating system this is, or `wanted` (--as,
/// PATCHLAB_USER), when the account may act for others. Until a user is bound to an account, that
/// is root and the owner of the state folder; after that, whoever was given the right. On a state
/// without any user the user of the operating system becomes its administrator, which is recorded.
/// Error(not_allowed) for somebody who is not a user, or may not act for the one they name.
Actor enter(Governance& house, const std::string& wanted);
/// The same for the account of another process, whose `login` says how it is known ("unix-socket").
/// On a state without any user it becomes the administrator only when it owns the state.
Actor enter(Governance& house, const Account& account, const std::string& wanted);
/// Root, and the account that owns the state folder: whoever could write everything in it by hand.
bool owns_state(const std::filesystem::path& state, std::int64_t uid);

/// The acting user with those of their roles that count for what is done now: a token may be
/// narrowed to one, and a role may hold for some machines only.
User acting_user(Governance& house, const Actor& actor);

/// The acting user, who must have at least one of these roles. `to_do` completes the error:
/// "approve a run". Error(not_allowed).
User require_role(Governance& house, const Actor& actor, const std::vector<Role>& any_of,
                  std::string_view to_do);

/// Error(refused) unless roles, key and account of the user are those that the newest rows of the
/// trail name (user_record.cpp): they stand in tables that somebody with a hand in the database can
/// write, the rows about them cannot be altered unseen. Rows of earlier versions name no account.
void expect_on_record(Governance& house, const User& user);

/// The tables of users, policies, rulings and the audit trail. They refer to the pipeline's table
/// of runs: open both.
std::vector<store::Migration> migrations();

}  // namespace patchlab::governance
