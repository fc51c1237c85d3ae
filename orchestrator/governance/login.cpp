// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/login.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/governance/policy.hpp"
#include "orchestrator/governance/sessions.hpp"
#include "orchestrator/governance/tokens.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

constexpr std::size_t most_groups = 1000, longest_group = 256;

using ProxyGroups = std::map<std::string, std::vector<Role>>;

/// The newest policy by its digest: cheap, unlike asking for the policy in force.
std::string newest_policy_digest(Governance& house) {
    const auto row = house.database.query_one(
        "SELECT digest FROM governance_policies ORDER BY seq DESC LIMIT 1");
    return row ? row->text("digest") : "";
}

std::vector<Role> roles_by_groups(const ProxyGroups& map, const std::vector<std::string>& groups) {
    std::set<Role> roles;
    for (const std::string& group : groups)
        if (const auto found = map.find(group); found != map.end())
            roles.insert(found->second.begin(), found->second.end());
    return {roles.begin(), roles.end()};
}

/// Somebody new, or somebody whom a proxy brought before and whose groups changed.
void take_from_proxy(Governance& house, const Actor& actor, const std::optional<User>& known,
                     const std::vector<Role>& roles) {
    if (!known) {
        house.users.add(actor.user, roles, actor.user, house.now());
        house.users.make_key(actor.user, house.now());
        house.users.note_from_proxy(actor.user);
    } else {
        house.users.set_roles(actor.user, roles);
    }
    const User user = house.users.get(actor.user);
    house.audit.append_inside({actor,
                               known ? "user-roles" : "user-added",
                               actor.user,
                               {{"roles", to_json(user.roles)},
                                {"key", user.key() ? Json(user.key()->key.id()) : Json(nullptr)},
                                {"why", "the groups that the proxy names"}}});
}

void check_proxied(const Credential& credential) {
    check_user_name(credential.value);
    const bool sane = credential.groups.size() <= most_groups &&
                      std::all_of(credential.groups.begin(), credential.groups.end(),
                                  [](const auto& one) { return one.size() <= longest_group; });
    if (!sane)
        throw Error(ErrorCode::not_authenticated, "the proxy names more groups than are taken");
}

/// Whether this very login was looked at within the last half hour, under the same policy.
bool seen_lately(Governance& house, const std::string& user, const std::string& groups,
                 const std::string& policy) {
    const auto row =
        house.database.query_one("SELECT * FROM governance_proxy_logins WHERE user = ?", {user});
    return row && row->text("groups") == groups && row->text("policy") == policy &&
           from_rfc3339(row->text("seen")) + std::chrono::seconds(session_idle_seconds) >
               house.clock.now();
}

Actor actor_of_proxy(Governance& house, const Credential& credential, const std::string& from) {
    check_proxied(credential);
    const auto known = house.users.find(credential.value);
    if (known && !known->active())
        throw Error(ErrorCode::not_allowed, "user '" + known->name + "' was removed");
    const std::string name = known ? known->name : credential.value;
    const Actor actor{name, "login:" + name, -1, "proxy"};
    const std::set<std::string> sorted(credential.groups.begin(), credential.groups.end());
    const std::string groups = sha256_hex(to_line(Json(sorted)));
    const std::string policy = newest_policy_digest(house);
    if (known && seen_lately(house, name, groups, policy)) return actor;
    const ProxyGroups map = PolicyStore(house).in_force().policy.proxy_groups;
    if (map.empty())
        throw Error(ErrorCode::not_allowed,
                    "nobody logs in through a proxy: the policy does not say which groups have "
                    "which role",
                    "add proxy-groups to the policy: docs/reference/accounts.md");
    const std::vector<Role> roles = roles_by_groups(map, credential.groups);
    const bool by_groups = !known || known->from_proxy;
    if (by_groups && roles.empty())
        throw Error(ErrorCode::not_allowed, "no group of '" + name + "' has a role here");
    house.database.transaction([&] {
        if (by_groups && (!known || known->roles != roles))
            take_from_proxy(house, actor, known, roles);
        house.database.execute(
            "INSERT INTO governance_proxy_logins (user, groups, policy, seen) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (user) DO UPDATE SET groups = excluded.groups, policy = excluded.policy, "
            "seen = excluded.seen",
            {name, groups, policy, house.now()});
        house.audit.append_inside({actor, "login", name, {{"from", from}}});
    });
    return actor;
}

}  // namespace

Actor authenticate(Governance& house, const Credential& credential, const std::string& from) {
    switch (credential.kind) {
        case Credential::Kind::token: return TokenStore(house).actor_of(credential.value, from);
        case Credential::Kind::session: return actor_of_session(house, credential.value);
        case Credential::Kind::proxy: return actor_of_proxy(house, credential, from);
    }
    throw Error(ErrorCode::not_authenticated, "there is no such kind of credential");
}

}  // namespace patchlab::governance
