// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/governance.hpp"

#include <algorithm>

#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

constexpr std::string_view first_migration = R"sql(
CREATE TABLE governance_users (
    name     TEXT PRIMARY KEY COLLATE NOCASE,
    roles    TEXT NOT NULL,
    added    TEXT NOT NULL,
    added_by TEXT NOT NULL,
    removed  TEXT
) STRICT;
CREATE TABLE governance_user_keys (
    id         TEXT NOT NULL UNIQUE,
    user       TEXT NOT NULL REFERENCES governance_users (name),
    public_key TEXT NOT NULL,
    custody    TEXT NOT NULL CHECK (custody IN ('state', 'own')),
    added      TEXT NOT NULL,
    retired    TEXT
) STRICT;
CREATE TABLE governance_policies (
    seq    INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    digest TEXT NOT NULL,
    source TEXT NOT NULL,
    added  TEXT NOT NULL,
    added_by TEXT NOT NULL
) STRICT;
CREATE TABLE governance_rulings (
    seq      INTEGER PRIMARY KEY,
    run      TEXT NOT NULL REFERENCES runs (id),
    digest   TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('approve', 'reject', 'waive')),
    author   TEXT NOT NULL REFERENCES governance_users (name),
    time     TEXT NOT NULL,
    envelope TEXT NOT NULL
) STRICT;
CREATE INDEX governance_rulings_by_run ON governance_rulings (run, digest);
CREATE TABLE governance_audit (
    seq      INTEGER PRIMARY KEY,
    time     TEXT NOT NULL,
    user     TEXT NOT NULL,
    os_user  TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
CREATE TABLE governance_audit_head (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    envelope TEXT NOT NULL
) STRICT;

CREATE TRIGGER governance_separation_of_duties BEFORE INSERT ON governance_rulings
WHEN NEW.kind IN ('approve', 'waive')
 AND NOT EXISTS (SELECT 1 FROM runs WHERE id = NEW.run AND lower(requester) <> lower(NEW.author))
BEGIN SELECT RAISE(ABORT, 'separation of duties: who asked for a run neither approves it nor waives for it'); END;
CREATE TRIGGER governance_requester_is_fixed BEFORE UPDATE OF id, requester ON runs
WHEN NEW.requester <> OLD.requester OR NEW.id <> OLD.id
BEGIN SELECT RAISE(ABORT, 'who asked for a run cannot be changed'); END;
CREATE TRIGGER governance_rulings_stay BEFORE UPDATE ON governance_rulings
BEGIN SELECT RAISE(ABORT, 'a ruling cannot be changed'); END;
CREATE TRIGGER governance_rulings_remain BEFORE DELETE ON governance_rulings
BEGIN SELECT RAISE(ABORT, 'a ruling cannot be taken back'); END;
CREATE TRIGGER governance_policies_stay BEFORE UPDATE ON governance_policies
BEGIN SELECT RAISE(ABORT, 'a policy that was in force cannot be changed'); END;
CREATE TRIGGER governance_policies_remain BEFORE DELETE ON governance_policies
BEGIN SELECT RAISE(ABORT, 'a policy that was in force cannot be removed'); END;
CREATE TRIGGER governance_audit_stays BEFORE UPDATE ON governance_audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER governance_audit_remains BEFORE DELETE ON governance_audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
)sql";

// A trigger that forbids deletion does not see what INSERT OR REPLACE puts away, so rows come in at
// the end only.
constexpr std::string_view second_migration = R"sql(
CREATE TRIGGER governance_audit_at_the_end BEFORE INSERT ON governance_audit
WHEN NEW.seq IS NULL OR NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM governance_audit)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER governance_rulings_at_the_end BEFORE INSERT ON governance_rulings
WHEN NEW.seq IS NULL OR NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM governance_rulings)
BEGIN SELECT RAISE(ABORT, 'rulings are append-only'); END;
CREATE TRIGGER governance_policies_at_the_end BEFORE INSERT ON governance_policies
WHEN NEW.seq IS NULL OR NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM governance_policies)
BEGIN SELECT RAISE(ABORT, 'policies are append-only'); END;
)sql";

}  // namespace

std::vector<store::Migration> migrations() {
    return {{"governance", 1, first_migration}, {"governance", 2, second_migration}};
}

Governance::Governance(std::filesystem::path state_folder, store::Database& opened,
                       const Clock& time)
    : state(std::move(state_folder)),
      database(opened),
      clock(time),
      keys(installation_keys(state)),
      users(state, database),
      audit(database, keys, clock, state) {}

Actor enter(Governance& house, const std::string& wanted) {
    const Actor actor{wanted.empty() ? os_user_name() : wanted, os_user_name()};
    if (house.users.fresh()) {
        // Who can make the store owns everything in it, so they may as well be told to be its
        // administrator.
        const Actor first{actor.os_user, actor.os_user};
        house.database.transaction([&] {
            if (!house.users.fresh()) return;  // another process was faster
            house.users.add(first.user, {Role::admin}, first.user, house.now());
            house.users.make_key(first.user, house.now());
            house.audit.append_inside(
                {first,
                 "user-added",
                 first.user,
                 {{"roles", {"admin"}}, {"why", "the first user of this state"}}});
        });
    }
    const auto user = house.users.find(actor.user);
    if (!user || !user->active())
        throw Error(ErrorCode::not_allowed, "'" + actor.user + "' is not a user of this patchlab",
                    "an administrator adds users with: patchlab --as ADMIN user add " + actor.user +
                        " --role ROLE");
    return actor;
}

User require_role(Governance& house, const Actor& actor, const std::vector<Role>& any_of,
                  std::string_view to_do) {
    User user = house.users.get(actor.user);
    const bool may = user.active() && std::any_of(any_of.begin(), any_of.end(),
                                                  [&](Role role) { return user.has(role); });
    if (may) return user;
    std::string wanted;
    for (const Role role : any_of)
        wanted += (wanted.empty() ? "" : " or ") + std::string(name(role));
    throw Error(ErrorCode::not_allowed, "user '" + actor.user + "' may not " + std::string(to_do),
                "this takes the role " + wanted);
}

}  // namespace patchlab::governance
