// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <iostream>
#include <optional>

#include "orchestrator/cli/credentials.hpp"
#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/secret_input.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/key_change.hpp"
#include "platform/core/signing.hpp"

namespace patchlab::cli {

namespace {

/// "tester, system-owner (criticality=mission-critical)"
std::string roles_text(const JsonReader& user) {
    std::vector<std::string> words = user.strings("roles");
    const JsonReader scopes = user.object("scopes");
    for (std::string& role : words)
        if (const auto terms = scopes.strings_or_empty(role); !terms.empty())
            role += " (" + joined(terms) + ")";
    return joined(words);
}

const char* custody_text(const JsonReader& key) {
    return key.string("custody") == "own" ? "kept by the user" : "kept by patchlab";
}

/// The key in use.
std::string key_text(const JsonReader& user) {
    for (const JsonReader& key : user.objects("keys"))
        if (!key.has("retired"))
            return key.string("id").substr(0, 12) + " (" + custody_text(key) + ")";
    return "none";
}

void print_user(Context& context, const Json& document, const std::string& done) {
    context.print(document, [&] {
        const JsonReader user(document, "user");
        std::cout << "user '" << user.string("name") << "' " << done << ": " << roles_text(user)
                  << "; key " << key_text(user) << "\n";
    });
}

struct AddWords {
    std::string name;
    std::vector<std::string> roles, scopes;
    std::string key, secret, old_key;
    std::optional<std::string> os_user;
    std::optional<bool> acts_for_others;
    bool replace = false;
};

void put_key(Json& request, const std::string& file) {
    if (!file.empty()) request["public_key"] = text_file(file);
}

/// The word of the old key, which the user keeps themselves.
void put_agreement(Json& request, const std::string& old_key) {
    if (old_key.empty()) return;
    std::string to = "state";
    if (request.contains("public_key")) {
        const Json& given = request.at("public_key");
        const auto keys = public_keys_from_pem(given.at("text").get<std::string>(),
                                               given.at("file").get<std::string>());
        if (keys.size() == 1) to = keys.front().id();
    }
    request["agreement"] =
        agree_to_key(request.at("name").get<std::string>(), to, read_secret_key(old_key));
}

/// The word of the new key's secret, which is read here and goes nowhere. Without it the key is
/// taken as well, and whoever registers it is told.
void put_possession(Json& request, const std::string& secret) {
    if (!request.contains("public_key")) return;
    if (!secret.empty())
        request["possession"] =
            prove_possession(request.at("name").get<std::string>(), read_secret_key(secret));
    else
        std::cerr << "note: nobody showed that the user has the secret of this key, and the audit "
                     "trail says so; --secret FILE shows it\n";
}

CLI::Option* add_secret(CLI::App& verb, std::string& file) {
    return verb
        .add_option("--secret", file,
                    "the secret key that belongs to it, which signs the registration here and is "
                    "sent nowhere")
        ->type_name("FILE");
}

CLI::Option* add_old_key(CLI::App& verb, std::string& file) {
    return verb
        .add_option("--old-key", file,
                    "the user's own secret key until now, which signs the change")
        ->type_name("FILE");
}

void add_user(Context& context, const AddWords& words) {
    Json request{{"name", words.name}, {"roles", words.roles}, {"replace", words.replace}};
    put(request, "scopes", words.scopes);
    put_key(request, words.key);
    put_possession(request, words.secret);
    put_agreement(request, words.old_key);
    if (words.os_user) request["os_user"] = *words.os_user;
    if (words.acts_for_others) request["acts_for_others"] = *words.acts_for_others;
    print_user(context, context.invoke("user.add", request), "added");
}

void add_user_add(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("add", "add a user, or with --replace change the roles of one");
    auto words = std::make_shared<AddWords>();
    verb->add_option("NAME", words->name, "letters, digits and . _ @ -")->required();
    verb->add_option("--role", words->roles,
                     "viewer, tester, release-manager, system-owner, admin or auditor (repeatable)")
        ->required()
        ->delimiter(',')
        ->check(CLI::IsMember(
            {"viewer", "tester", "release-manager", "system-owner", "admin", "auditor"}));
    verb->add_option("--scope", words->scopes,
                     "the roles hold only for machines of group=NAME or criticality=LEVEL; for one "
                     "role ROLE:TERM (repeatable: any of them)")
        ->type_name("TERM")
        ->delimiter(',');
    verb->add_option("--key", words->key,
                     "the user's own public key (PEM), of which patchlab never sees the secret; "
                     "else patchlab makes and keeps one")
        ->type_name("FILE");
    add_secret(*verb, words->secret)->needs("--key");
    verb->add_option("--os-user", words->os_user,
                     "the account of the operating system from which only they act (empty: none)")
        ->type_name("ACCOUNT");
    verb->add_flag("--acts-for-others,!--no-acts-for-others", words->acts_for_others,
                   "their account may name another user with --as, which is recorded");
    add_old_key(*verb, words->old_key);
    verb->add_flag("--replace", words->replace,
                   "the user is there already: change the roles; or was removed, and is the same "
                   "person: take them back");
    add_json_flag(*verb, context);
    verb->callback([&context, words] { add_user(context, *words); });
}

std::string account_text(const JsonReader& user) {
    const std::string account = user.string_or("os_user", "");
    const bool others = user.boolean_or("acts_for_others", false);
    return (account.empty() ? "-" : account) + (others ? ", acts for others" : "");
}

Cells user_row(const JsonReader& user) {
    return {user.string("name"), roles_text(user),
            user.has("removed") ? "removed " + user.string("removed") : "active",
            account_text(user), key_text(user)};
}

void add_user_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the users, the removed ones last");
    auto words =
        add_list_options(*verb, context, {{"--role", "roles", "only users with this role"}});
    verb->callback([&context, words] {
        const Json document = context.invoke("user.list", list_request(*words));
        print_list(context, document, "users", {"USER", "ROLES", "STATE", "ACCOUNT", "KEY"},
                   user_row,
                   "No users yet: whoever changes something first becomes the administrator.");
    });
}

void print_everything(const JsonReader& user) {
    std::cout << "user    " << user.string("name")
              << (user.has("removed") ? "  (removed " + user.string("removed") + ")" : "")
              << "\nroles   " << roles_text(user) << "\nadded   " << user.string("added") << " by "
              << user.string("added_by") << "\naccount " << account_text(user) << "\n";
    for (const JsonReader& key : user.objects("keys"))
        std::cout << "key     " << key.string("id") << "  " << custody_text(key) << ", since "
                  << key.string("added")
                  << (key.has("retired") ? ", retired " + key.string("retired") : "") << "\n";
}

void add_user_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("show", "show a user: roles and keys");
    auto name = std::make_shared<std::string>();
    verb->add_option("NAME", *name, "the user")->required();
    add_output_options(*verb, context);
    verb->callback([&context, name] {
        const Json document = context.invoke("user.show", {{"name", *name}});
        context.print(document, [&] { print_everything(JsonReader(document, "user")); });
    });
}

void add_user_remove(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("remove",
                            "take a user's roles and key away; what they decided stays on record, "
                            "and their name is never given to another");
    auto name = std::make_shared<std::string>();
    verb->add_option("NAME", *name, "the user")->required();
    auto caution = add_caution(*verb);
    add_json_flag(*verb, context);
    verb->callback([&context, name, caution] {
        if (!go_ahead(context, *caution, "take roles and key away from user '" + *name + "'"))
            return;
        const Json removed = context.invoke("user.remove", {{"name", *name}});
        context.print(removed, [&] { std::cout << "user '" << *name << "' removed\n"; });
    });
}

struct KeyWords {
    std::string name, generate, registered, secret, old_key;
    bool fresh = false;
};

/// Makes a key whose secret the user keeps, and registers its public half: the secret leaves this
/// process only into the user's own file, which goes again when the key is not taken.
Json register_new_key(Context& context, const KeyWords& words) {
    const SecretKey key = SecretKey::generate();
    write_secret_key(words.generate, key);
    try {
        Json request{{"name", words.name},
                     {"public_key", {{"file", words.generate}, {"text", key.public_key().pem()}}},
                     {"possession", prove_possession(words.name, key)}};
        put_agreement(request, words.old_key);
        return context.invoke("user.key", request);
    } catch (...) {
        ::unlink(words.generate.c_str());
        throw;
    }
}

Json give_key(Context& context, const KeyWords& words) {
    if (!words.generate.empty()) return register_new_key(context, words);
    Json request{{"name", words.name}};
    put_key(request, words.registered);
    put_possession(request, words.secret);
    put_agreement(request, words.old_key);
    return context.invoke("user.key", request);
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
    add_secret(*verb, words->secret)->needs("--register");
    add_old_key(*verb, words->old_key);
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        if (!words->fresh && words->generate.empty() && words->registered.empty())
            throw Error(ErrorCode::usage, "which key?",
                        "give one of --new, --generate FILE and --register FILE");
        print_user(context, give_key(context, *words), "has another key");
    });
}

/// Whoever changes their own password in a session gives the one until now, too.
bool acts_by_session_of(Context& context, const std::string& user) {
    const std::string server = context.settings().at("server").value;
    if (server.empty()) return false;
    const auto stored = credential_for(server);
    return stored && stored->kind == "session" && stored->user == user;
}

void add_password_verb(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "password", "set the password with which a user logs in to the service");
    auto name = std::make_shared<std::string>();
    auto descriptor = std::make_shared<int>(-1);
    verb->add_option("NAME", *name, "the user")->required();
    verb->add_option("--fd", *descriptor,
                     "read it from this descriptor instead of the terminal, as a line (in a "
                     "session, the one until now first)")
        ->type_name("N");
    add_json_flag(*verb, context);
    verb->callback([&context, name, descriptor] {
        Json request{{"name", *name}};
        if (acts_by_session_of(context, *name))
            request["current"] = ask_secret("password of " + *name + " until now", *descriptor);
        request["password"] = ask_secret("new password of " + *name, *descriptor, true);
        const Json document = context.invoke("user.password", request);
        context.print(document,
                      [&] { std::cout << "the password of user '" << *name << "' is set\n"; });
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
    add_password_verb(*noun, context);
}

}  // namespace patchlab::cli
