// SPDX-License-Identifier: Apache-2.0
//
// Users, their roles and their keys. Only public keys are part of a request: whoever keeps their
// own key makes it where they are.
#include "orchestrator/governance/login_limits.hpp"
#include "orchestrator/governance/passwords.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"
#include "platform/core/key_change.hpp"

namespace patchlab::operations {

namespace {

using governance::Role;
using governance::User;

Json user_json(const User& user) {
    Json keys = Json::array();
    for (const governance::UserKey& key : user.keys)
        keys.push_back({{"id", key.key.id()},
                        {"custody", governance::name(key.custody)},
                        {"public_key", key.key.pem()},
                        {"added", key.added},
                        {"retired", or_null(key.retired)}});
    return {{"name", user.name},
            {"roles", governance::to_json(user.roles)},
            {"scopes", governance::to_json(user.scopes)},
            {"active", user.active()},
            {"added", user.added},
            {"added_by", user.added_by},
            {"removed", or_null(user.removed)},
            {"os_user", or_null(user.os_user)},
            {"acts_for_others", user.acts_for_others},
            {"from_proxy", user.from_proxy},
            {"keys", keys}};
}

Outcome user_document(Call& call, const std::string& name) {
    Json document{{"schema", "patchlab/user/v1"}};
    document.update(user_json(call.session.governance().users.get(name)));
    return {document};
}

/// PEM.
std::optional<PublicKey> key_of(const JsonReader& request) {
    if (!request.has("public_key")) return std::nullopt;
    const auto [file, text] = text_file(request, "public_key");
    const auto keys = public_keys_from_pem(text, file);
    if (keys.size() != 1)
        throw Error(ErrorCode::invalid,
                    file + " holds " + std::to_string(keys.size()) + " keys, not one");
    return keys.front();
}

/// Whether it was shown that the user has the secret of the key that they keep. A proof that is
/// there must be good; without one the key is taken, and the trail says so.
const char* possession_of(const std::string& user, const PublicKey& own,
                          const JsonReader& request) {
    const std::string proof = request.string_or("possession", "");
    if (proof.empty()) return "not shown";
    expect_possession(proof, user, own);
    return "shown";
}

/// Another key: one that the user keeps, or one that patchlab makes and keeps.
PublicKey put_key(governance::Governance& house, const std::string& name,
                  const std::optional<PublicKey>& own, const JsonReader& request) {
    const User user = house.users.get(name);
    governance::expect_key_change(user, own ? own->id() : "state",
                                  request.string_or("agreement", ""));
    if (!own) return house.users.make_key(name, house.now());
    house.users.register_key(name, *own, house.now());
    return *own;
}

/// Roles and key of somebody who is new, is there already, or was removed. Gives what it was.
std::string put_user(Call& call, const JsonReader& request, const std::vector<Role>& roles) {
    governance::Governance& house = call.session.governance();
    const std::string name = request.string("name");
    const std::optional<PublicKey> key = key_of(request);
    const auto known = house.users.find(name);
    const bool there = known && request.boolean_or("replace", false);
    if (there && known->active()) house.users.set_roles(name, roles);
    else if (there) house.users.take_back(name, roles);
    else house.users.add(name, roles, call.actor.user, house.now());
    const User user = house.users.get(name);
    const governance::UserKey* in_use = user.key();
    const bool same = in_use && key && in_use->key == *key;
    if (!in_use || (key && !same)) put_key(house, name, key, request);
    if (!there) return "user-added";
    return known->active() ? "user-roles" : "user-returned";
}

/// "group=web" is for every role that the request gives, "system-owner:group=web" for one of them.
std::map<Role, governance::Scope> scopes_in(const JsonReader& request,
                                            const std::vector<Role>& roles) {
    std::map<Role, std::vector<std::string>> terms;
    for (const std::string& word : request.strings_or_empty("scopes")) {
        const std::size_t colon = word.find(':'), equals = word.find('=');
        if (colon < equals)
            terms[governance::role_from(word.substr(0, colon))].push_back(word.substr(colon + 1));
        else
            for (const Role role : roles) terms[role].push_back(word);
    }
    std::map<Role, governance::Scope> scopes;
    for (auto& [role, some] : terms) scopes[role] = governance::scope_from(std::move(some));
    return scopes;
}

void put_account(governance::Governance& house, const JsonReader& request) {
    const std::string name = request.string("name");
    if (request.has("os_user")) house.users.bind(name, request.string("os_user"));
    if (request.has("acts_for_others"))
        house.users.let_act_for_others(name, request.boolean("acts_for_others"));
}

Outcome add_user(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    const std::string name = request.string("name");
    std::vector<Role> roles;
    for (const Json& word : request.raw("roles"))
        roles.push_back(governance::role_from(word.get<std::string>()));
    house.database.transaction([&] {
        const auto before = house.users.find(name);
        const std::string action = put_user(call, request, roles);
        house.users.set_scopes(name, scopes_in(request, roles));
        put_account(house, request);
        const User user = house.users.get(name);
        Json detail{{"roles", request.raw("roles")},
                    {"key", user.key() ? Json(user.key()->key.id()) : Json(nullptr)}};
        if (!user.scopes.empty() || (before && !before->scopes.empty()))
            detail["scopes"] = governance::to_json(user.scopes);
        if (const auto own = key_of(request))
            detail["possession"] = possession_of(name, *own, request);
        if (request.has("os_user")) detail["os_user"] = or_null(user.os_user);
        if (request.has("acts_for_others")) detail["acts_for_others"] = user.acts_for_others;
        house.audit.append_inside({call.actor, action, name, detail});
    });
    return user_document(call, name);
}

Outcome list_users(Call& call, const JsonReader&) {
    Json users = Json::array();
    for (const User& user : call.session.governance().users.list())
        users.push_back(user_json(user));
    return {{{"schema", "patchlab/users/v1"}, {"users", users}}};
}

Outcome show_user(Call& call, const JsonReader& request) {
    return user_document(call, request.string("name"));
}

Outcome remove_user(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    const std::string name = request.string("name");
    const Json nothing{{"key", nullptr}, {"os_user", nullptr}, {"acts_for_others", nullptr}};
    house.audit.append({call.actor, "user-removed", name, nothing},
                       [&] { house.users.remove(name, house.now()); });
    return user_document(call, name);
}

/// Whoever has an account of their own registers the key that they keep from there: else somebody
/// else would decide in their name, with a key that looks like theirs.
void expect_own_account(const User& user, const governance::Actor& actor) {
    if (user.os_user.empty() || (actor.user == user.name && actor.by_own_account())) return;
    throw Error(ErrorCode::not_allowed,
                "a key that user '" + user.name + "' keeps is registered from their account '" +
                    user.os_user + "'",
                "there: patchlab user key " + user.name + " --generate FILE");
}

/// Another key: one that patchlab makes and keeps, or the public half of one that the user keeps.
Outcome give_key(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    const std::string name = request.string("name");
    const std::optional<PublicKey> own = key_of(request);
    house.database.transaction([&] {
        if (!house.users.get(name).active())
            throw Error(ErrorCode::conflict, "user '" + name + "' was removed");
        if (own) expect_own_account(house.users.get(name), call.actor);
        const PublicKey key = put_key(house, name, own, request);
        Json detail{{"key", key.id()}, {"custody", own ? "own" : "state"}};
        if (own) detail["possession"] = possession_of(name, *own, request);
        house.audit.append_inside({call.actor, "user-key", name, detail});
    });
    return user_document(call, name);
}

/// Whoever changes their own in a session gives the one before, too: a session that was left open
/// is not enough.
Outcome set_password(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    const std::string name = house.users.get(request.string("name")).name;
    governance::PasswordStore passwords(house);
    if (call.actor.login == "session" && call.actor.user == name) {
        governance::LoginLimits limits(house);
        limits.begin({governance::limited_user(name)});
        if (!passwords.why_not(name, request.string_or("current", "")).empty())
            throw Error(ErrorCode::not_authenticated, "the password until now is wrong");
        limits.forgive(governance::limited_user(name));
    }
    passwords.set(call.actor, name, request.string("password"));
    const auto status = passwords.status(name);
    return {{{"schema", "patchlab/password-set/v1"},
             {"user", name},
             {"set_at", status->set_at},
             {"set_by", status->set_by}}};
}

}  // namespace

std::vector<Operation> user_operations() {
    Access own_key = administrators("give another user a key").by_person();
    own_key.themselves = "name";
    Access own_password = administrators("set the password of another user").by_person();
    own_password.themselves = "name";
    return {
        {"user.add", "Add a user, or change the roles of one", Kind::write,
         administrators("add users").by_person(), add_user, "name"},
        {"user.list", "List the users, the removed ones last", Kind::read, anyone(), list_users},
        {"user.show", "Show a user: roles and keys", Kind::read, anyone(), show_user, "name"},
        {"user.remove", "Take a user's roles and key away; what they decided stays on record",
         Kind::write, administrators("remove users").by_person(), remove_user, "name"},
        {"user.key", "Give a user another key; what the old one signed stays verifiable",
         Kind::write, own_key, give_key, "name"},
        {"user.password", "Set the password with which a user logs in to the service", Kind::write,
         own_password, set_password, "name"},
    };
}

}  // namespace patchlab::operations
