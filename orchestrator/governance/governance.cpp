// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/governance.hpp"

#include <sys/stat.h>
#include <unistd.h>

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

// Users are bound to accounts of the operating system, each to one of their own.
constexpr std::string_view accounts_migration = R"sql(
ALTER TABLE governance_users ADD COLUMN os_user TEXT;
ALTER TABLE governance_users ADD COLUMN acts_for_others INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX governance_users_by_account ON governance_users (os_user) WHERE os_user IS NOT NULL;
)sql";

// Passwords, sessions and tokens are kept as digests: whoever reads them can log in nowhere.
constexpr std::string_view logins_migration = R"sql(
ALTER TABLE governance_users ADD COLUMN scopes TEXT;
ALTER TABLE governance_users ADD COLUMN from_proxy INTEGER NOT NULL DEFAULT 0;
CREATE TABLE governance_passwords (
    user   TEXT PRIMARY KEY COLLATE NOCASE REFERENCES governance_users (name),
    hash   TEXT NOT NULL,
    set_at TEXT NOT NULL,
    set_by TEXT NOT NULL
) STRICT;
CREATE TABLE governance_sessions (
    digest    TEXT PRIMARY KEY,
    user      TEXT NOT NULL COLLATE NOCASE REFERENCES governance_users (name),
    logged_in TEXT NOT NULL,
    last_used TEXT NOT NULL,
    origin    TEXT NOT NULL
) STRICT;
CREATE INDEX governance_sessions_by_user ON governance_sessions (user);
CREATE TABLE governance_tokens (
    id         TEXT PRIMARY KEY,
    digest     TEXT NOT NULL,
    user       TEXT NOT NULL COLLATE NOCASE REFERENCES governance_users (name),
    name       TEXT NOT NULL,
    narrowing  TEXT NOT NULL,
    created    TEXT NOT NULL,
    expires    TEXT NOT NULL,
    last_used  TEXT,
    last_from  TEXT,
    revoked    TEXT,
    revoked_by TEXT
) STRICT;
CREATE TABLE governance_login_failures (
    subject   TEXT PRIMARY KEY,
    failures  INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    not_until INTEGER NOT NULL,
    refused   INTEGER NOT NULL
) STRICT;
CREATE TABLE governance_proxy_logins (
    user   TEXT PRIMARY KEY COLLATE NOCASE REFERENCES governance_users (name),
    groups TEXT NOT NULL,
    policy TEXT NOT NULL,
    seen   TEXT NOT NULL
) STRICT;
CREATE INDEX governance_audit_by_subject ON governance_audit (subject, action);
)sql";

}  // namespace

std::vector<store::Migration> migrations() {
    return {{"governance", 1, first_migration},
            {"governance", 2, second_migration},
            {"governance", 3, accounts_migration},
            {"governance", 4, logins_migration}};
}

Governance::Governance(std::filesystem::path state_folder, store::Database& opened,
                       const Clock& time)
    : state(std::move(state_folder)),
      database(opened),
      clock(time),
      keys(installation_keys(state)),
      users(state, database),
      audit(database, keys, clock, state) {}

namespace {

/// Who can make the store owns everything in it, so they may as well be told to be its
/// administrator.
void make_first_user(Governance& house, const Account& account) {
    const Actor first{account.os_user, account.os_user, account.uid, account.login};
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

/// Whether this account may name another user: by right, or because it owns the state in which
/// nobody is bound to an account yet.
bool may_act_for_others(Governance& house, const std::optional<User>& own, bool owner) {
    if (own && own->acts_for_others) return true;
    return owner && !house.users.any_bound();
}

void refuse_acting_for(Governance& house, const Account& account, const std::string& wanted) {
    const std::string why = "the account '" + account.os_user + "' may not act as '" + wanted + "'";
    house.audit.append(
        {{account.os_user, account.os_user, account.uid, ""}, "refused", wanted, {{"why", why}}});
    throw Error(
        ErrorCode::not_allowed, why,
        "leave out --as and PATCHLAB_USER, or let an administrator permit it: patchlab user "
        "add NAME --replace --role ROLE --acts-for-others");
}

/// `owner`: the account owns the state.
Actor enter_from(Governance& house, const Account& account, bool owner, const std::string& wanted) {
    const std::optional<User> own = house.users.of_account(account.os_user);
    const std::string name = wanted.empty() ? (own ? own->name : account.os_user) : wanted;
    const auto user = house.users.find(name);
    if (!user || !user->active())
        throw Error(ErrorCode::not_allowed, "'" + name + "' is not a user of this patchlab",
                    "an administrator adds users with: patchlab --as ADMIN user add " + name +
                        " --role ROLE");
    const bool themselves = own && own->name == user->name;
    if (!themselves && !may_act_for_others(house, own, owner))
        refuse_acting_for(house, account, name);
    return {name, account.os_user, account.uid, themselves ? account.login : "on-behalf"};
}

}  // namespace

bool owns_state(const std::filesystem::path& state, std::int64_t uid) {
    struct stat folder {};
    return uid == 0 || (::stat(state.c_str(), &folder) == 0 && folder.st_uid == uid);
}

Actor enter(Governance& house, const std::string& wanted) {
    Account account = os_account();
    account.login = "os-account";
    if (house.users.fresh()) make_first_user(house, account);
    // with sudo it is root who acts, whoever called it
    return enter_from(house, account, owns_state(house.state, ::geteuid()), wanted);
}

Actor enter(Governance& house, const Account& account, const std::string& wanted) {
    const bool owner = owns_state(house.state, account.uid);
    if (owner && house.users.fresh()) make_first_user(house, account);
    return enter_from(house, account, owner, wanted);
}

User acting_user(Governance& house, const Actor& actor) {
    User user = house.users.get(actor.user);
    if (actor.roles)
        std::erase_if(user.roles, [&](Role role) {
            return std::find(actor.roles->begin(), actor.roles->end(), role) == actor.roles->end();
        });
    return user;
}

User require_role(Governance& house, const Actor& actor, const std::vector<Role>& any_of,
                  std::string_view to_do) {
    User user = acting_user(house, actor);
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
