// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

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
                        {"retired", key.retired.empty() ? Json(nullptr) : Json(key.retired)}});
    return {{"name", user.name},
            {"roles", roles},
            {"active", user.active()},
            {"added", user.added},
            {"added_by", user.added_by},
            {"removed", user.removed.empty() ? Json(nullptr) : Json(user.removed)},
            {"keys", keys}};
}

std::string words_of(const User& user) {
    std::string words;
    for (const Role role : user.roles)
        words += (words.empty() ? "" : ", ") + std::string(governance::name(role));
    return words;
}

std::string key_words(const User& user) {
    const governance::UserKey* key = user.key();
    if (!key) return "none";
    return key->key.id().substr(0, 16) + (key->custody == governance::KeyCustody::own
                                              ? " (kept by the user)"
                                              : " (kept by patchlab)");
}

/// The acting user, who must be an administrator; or, when `themselves` is their own name, anybody.
governance::Actor administrator(Context& context, std::string_view to_do,
                                const std::string& themselves = {}) {
    const governance::Actor actor = context.actor();
    if (actor.user != themselves)
        governance::require_role(context.governance(), actor, {Role::admin}, to_do);
    return actor;
}

void print_user(Context& context, const std::string& name, const std::string& done) {
    const User user = context.governance().users.get(name);
    Json document{{"schema", "patchlab/user/v1"}};
    document.update(user_json(user));
    context.print(document, [&] {
        std::cout << "user '" << name << "' " << done << ": " << words_of(user) << "; key "
                  << key_words(user) << "\n";
    });
}

struct AddWords {
    std::string name;
    std::vector<std::string> roles;
    std::string key;
    bool replace = false;
};

void add_user(Context& context, const AddWords& words) {
    const governance::Actor actor = administrator(context, "add users");
    governance::Governance& house = context.governance();
    std::vector<Role> roles;
    for (const std::string& word : words.roles) roles.push_back(governance::role_from(word));
    std::optional<PublicKey> key;
    if (!words.key.empty()) {
        const std::vector<PublicKey> keys = read_public_keys(words.key);
        if (keys.size() != 1)
            throw Error(ErrorCode::invalid,
                        words.key + " holds " + std::to_string(keys.size()) + " keys, not one");
        key = keys.front();
    }
    house.database.transaction([&] {
        const auto known = house.users.find(words.name);
        const bool change = words.replace && known && known->active();
        if (change) house.users.set_roles(words.name, roles);
        else house.users.add(words.name, roles, actor.user, house.now());
        if (key) house.users.register_key(words.name, *key, house.now());
        else if (!change) house.users.make_key(words.name, house.now());
        const User user = house.users.get(words.name);
        house.audit.append_inside(
            {actor,
             change ? "user-roles" : "user-added",
             words.name,
             {{"roles", words.roles},
              {"key", user.key() ? Json(user.key()->key.id()) : Json(nullptr)}}});
    });
    print_user(context, words.name, "added");
}

void add_user_add(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("add", "add a user, or with --replace change the roles of one");
    auto words = std::make_shared<AddWords>();
    verb->add_option("NAME", words->name, "letters, digits and . _ @ -")->required();
    verb->add_option("--role", words->roles,
                     "viewer, tester, release-manager, system-owner or admin (repeatable)")
        ->required()
        ->delimiter(',')
        ->check(CLI::IsMember(governance::role_words()));
    verb->add_option("--key", words->key,
                     "the user's own public key (PEM), of which patchlab never sees the secret; "
                     "else patchlab makes and keeps one")
        ->type_name("FILE");
    verb->add_flag("--replace", words->replace, "the user is there already: change the roles");
    add_json_flag(*verb, context);
    verb->callback([&context, words] { add_user(context, *words); });
}

void add_user_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the users, the removed ones last");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        Json users = Json::array();
        std::vector<std::vector<std::string>> rows;
        for (const User& user : context.governance().users.list()) {
            users.push_back(user_json(user));
            rows.push_back({user.name, words_of(user),
                            user.active() ? "active" : "removed " + user.removed, key_words(user)});
        }
        context.print({{"schema", "patchlab/users/v1"}, {"users", users}}, [&] {
            print_table(context, {"USER", "ROLES", "STATE", "KEY"}, rows);
        });
    });
}

void add_user_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("show", "show a user: roles and keys");
    auto name = std::make_shared<std::string>();
    verb->add_option("NAME", *name, "the user")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, name] {
        const User user = context.governance().users.get(*name);
        Json document{{"schema", "patchlab/user/v1"}};
        document.update(user_json(user));
        context.print(document, [&] {
            std::cout << "user    " << user.name
                      << (user.active() ? "" : "  (removed " + user.removed + ")") << "\nroles   "
                      << words_of(user) << "\nadded   " << user.added << " by " << user.added_by
                      << "\n";
            for (const governance::UserKey& key : user.keys)
                std::cout << "key     " << key.key.id() << "  "
                          << (key.custody == governance::KeyCustody::own ? "kept by the user"
                                                                         : "kept by patchlab")
                          << ", since " << key.added
                          << (key.retired.empty() ? "" : ", retired " + key.retired) << "\n";
        });
    });
}

void add_user_remove(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("remove",
                            "take a user's roles and key away; what they decided stays on record, "
                            "and their name is never given to another");
    auto name = std::make_shared<std::string>();
    verb->add_option("NAME", *name, "the user")->required();
    verb->callback([&context, name] {
        const governance::Actor actor = administrator(context, "remove users");
        governance::Governance& house = context.governance();
        house.audit.append({actor, "user-removed", *name, {}},
                           [&] { house.users.remove(*name, house.now()); });
        std::cout << "user '" << *name << "' removed\n";
    });
}

struct KeyWords {
    std::string name, generate, registered;
    bool fresh = false;
};

PublicKey give_key(governance::Governance& house, const KeyWords& words) {
    if (words.fresh) return house.users.make_key(words.name, house.now());
    if (!words.registered.empty()) {
        const PublicKey key =
            PublicKey::from_pem(read_file(words.registered, 1U << 20), words.registered);
        house.users.register_key(words.name, key, house.now());
        return key;
    }
    const SecretKey key = SecretKey::generate();
    write_secret_key(words.generate, key);
    try {
        house.users.register_key(words.name, key.public_key(), house.now());
    } catch (...) {
        ::unlink(words.generate.c_str());
        throw;
    }
    return key.public_key();
}

void add_key_verb(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "key", "give a user another key; the old one is retired, what it signed stays verifiable");
    auto words = std::make_shared<KeyWords>();
    verb->add_option("NAME", words->name, "the user")->required();
    CLI::Option* fresh =
        verb->add_flag("--new", words->fresh, "a key that patchlab makes and keeps (0600)");
    CLI::Option* generate =
        verb->add_option("--generate", words->generate,
                         "make a key and write its secret to FILE (0600), which the user keeps; "
                         "patchlab keeps the public half only");
    generate->type_name("FILE")->excludes(fresh);
    verb->add_option("--register", words->registered,
                     "a public key (PEM) whose secret the user keeps")
        ->type_name("FILE")
        ->excludes(fresh)
        ->excludes(generate);
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        if (!words->fresh && words->generate.empty() && words->registered.empty())
            throw Error(ErrorCode::usage, "which key?",
                        "give one of --new, --generate FILE and --register FILE");
        const governance::Actor actor =
            administrator(context, "give another user a key", words->name);
        governance::Governance& house = context.governance();
        house.database.transaction([&] {
            if (!house.users.get(words->name).active())
                throw Error(ErrorCode::conflict, "user '" + words->name + "' was removed");
            const PublicKey key = give_key(house, *words);
            house.audit.append_inside(
                {actor,
                 "user-key",
                 words->name,
                 {{"key", key.id()}, {"custody", words->fresh ? "state" : "own"}}});
        });
        print_user(context, words->name, "has another key");
    });
}

}  // namespace

void add_user(CLI::App& app, Context& context) {
    CLI::App* noun =
        app.add_subcommand("user", "who may do what: users, their roles and their keys");
    noun->require_subcommand(1);
    add_user_add(*noun, context);
    add_user_list(*noun, context);
    add_user_show(*noun, context);
    add_user_remove(*noun, context);
    add_key_verb(*noun, context);
}

}  // namespace patchlab::cli
