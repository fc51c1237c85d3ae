// SPDX-License-Identifier: Apache-2.0
//
// Users, their roles and their keys. Only public keys are part of a request: whoever keeps their
// own key makes it where they are.
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

using governance::Role;
using governance::User;

Json user_json(const User& user) {
    Json roles = Json::array();
    for (const Role role : user.roles) roles.push_back(governance::name(role));
    Json keys = Json::array();
    for (const governance::UserKey& key : user.keys)
        keys.push_back({{"id", key.key.id()},
                        {"custody", governance::name(key.custody)},
                        {"public_key", key.key.pem()},
                        {"added", key.added},
                        {"retired", or_null(key.retired)}});
    return {{"name", user.name},
            {"roles", roles},
            {"active", user.active()},
            {"added", user.added},
            {"added_by", user.added_by},
            {"removed", or_null(user.removed)},
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

Outcome add_user(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    const std::string name = request.string("name");
    std::vector<Role> roles;
    for (const Json& word : request.raw("roles"))
        roles.push_back(governance::role_from(word.get<std::string>()));
    const std::optional<PublicKey> key = key_of(request);
    house.database.transaction([&] {
        const auto known = house.users.find(name);
        const bool change = request.boolean_or("replace", false) && known && known->active();
        if (change) house.users.set_roles(name, roles);
        else house.users.add(name, roles, call.actor.user, house.now());
        if (key) house.users.register_key(name, *key, house.now());
        else if (!change) house.users.make_key(name, house.now());
        const User user = house.users.get(name);
        house.audit.append_inside(
            {call.actor,
             change ? "user-roles" : "user-added",
             name,
             {{"roles", request.raw("roles")},
              {"key", user.key() ? Json(user.key()->key.id()) : Json(nullptr)}}});
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
    house.audit.append({call.actor, "user-removed", name, {}},
                       [&] { house.users.remove(name, house.now()); });
    return user_document(call, name);
}

/// Another key: one that patchlab makes and keeps, or the public half of one that the user keeps.
Outcome give_key(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    const std::string name = request.string("name");
    const std::optional<PublicKey> own = key_of(request);
    house.database.transaction([&] {
        if (!house.users.get(name).active())
            throw Error(ErrorCode::conflict, "user '" + name + "' was removed");
        if (own) house.users.register_key(name, *own, house.now());
        const PublicKey key = own ? *own : house.users.make_key(name, house.now());
        house.audit.append_inside({call.actor,
                                   "user-key",
                                   name,
                                   {{"key", key.id()}, {"custody", own ? "own" : "state"}}});
    });
    return user_document(call, name);
}

}  // namespace

std::vector<Operation> user_operations() {
    const auto administers = [](std::string_view to_do) { return Access{{Role::admin}, to_do}; };
    Access own_key = administers("give another user a key");
    own_key.themselves = "name";
    return {
        {"user.add", "Add a user, or change the roles of one", Kind::write,
         administers("add users"), add_user, "name"},
        {"user.list", "List the users, the removed ones last", Kind::read, anyone(), list_users},
        {"user.show", "Show a user: roles and keys", Kind::read, anyone(), show_user, "name"},
        {"user.remove", "Take a user's roles and key away; what they decided stays on record",
         Kind::write, administers("remove users"), remove_user, "name"},
        {"user.key", "Give a user another key; what the old one signed stays verifiable",
         Kind::write, own_key, give_key, "name"},
    };
}

}  // namespace patchlab::operations
