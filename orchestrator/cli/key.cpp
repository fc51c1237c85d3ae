// SPDX-License-Identifier: Apache-2.0
//
// The installation's own keys: they sign evidence, countersign rulings and sign the head of the
// audit trail.
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/request.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

std::string key_state(const JsonReader& key) {
    if (key.has("revoked")) return "revoked " + key.string("revoked");
    return key.has("retired") ? "retired " + key.string("retired") : "in use";
}

void add_key_list(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("list", "list the installation's keys, the retired ones too");
    auto words = add_list_options(*verb, context, {});
    verb->callback([&context, words] {
        const Json document = context.invoke("key.list", list_request(*words));
        print_list(
            context, document, "keys", {"KEY", "CREATED", "STATE"},
            [](const JsonReader& key) {
                return Cells{key.string("id"), key.string("created"), key_state(key)};
            },
            "No keys yet: the first signature makes one.");
    });
}

void add_export(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "export",
        "write the public keys (PEM): all that is needed to verify evidence and rulings elsewhere");
    auto file = std::make_shared<std::string>();
    verb->add_option("-o,--output", *file, "write to this file instead of stdout")
        ->type_name("FILE");
    auto users = std::make_shared<bool>(false);
    verb->add_flag("--users", *users,
                   "the users and their public keys, signed, instead: who keeps that file takes no "
                   "key of an author from a decision record alone");
    verb->callback([&context, file, users] {
        const std::string text =
            context.invoke_exact("key.export", {{"users", *users}}).at("text").get<std::string>();
        if (file->empty()) std::cout << Exact{text};
        else write_file_atomic(*file, text);
    });
}

void add_rotate(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "rotate",
        "make a new key and destroy the secret of the old one; what it signed stays verifiable");
    auto caution = add_caution(*verb);
    add_json_flag(*verb, context);
    verb->callback([&context, caution] {
        if (!go_ahead(context, *caution, "destroy the secret of the installation's key")) return;
        const Json key = context.invoke("key.rotate", Json::object());
        context.print(key, [&] {
            std::cout << "the key is now " << key.at("id").get<std::string>()
                      << "\nhand out the public keys anew: patchlab key export\n";
        });
    });
}

struct RevokeWords {
    std::string key, reason, since;
};

void add_revoke(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "revoke",
        "somebody else had the key: it counts for nothing but what the audit trail named before");
    auto words = std::make_shared<RevokeWords>();
    verb->add_option("KEY", words->key, "the beginning of its id (default: the key in use)");
    verb->add_option("--reason", words->reason, "why")->required();
    verb->add_option("--since", words->since,
                     "when it was stolen: a date or a time such as 2026-11-23T12:00:00Z; what was "
                     "recorded before that counts (default: now)");
    auto caution = add_caution(*verb);
    add_json_flag(*verb, context);
    verb->callback([&context, words, caution] {
        if (!go_ahead(context, *caution, "revoke the installation's key")) return;
        Json request{{"reason", words->reason}};
        put(request, "key", words->key);
        put(request, "since", words->since);
        const Json key = context.invoke("key.revoke", request);
        context.print(key, [&] {
            std::cout << "the key is now " << key.at("id").get<std::string>()
                      << "\nwhat the revoked key signed and nobody decided about is refused: "
                         "rehearse it again\nhand out the public keys anew: patchlab key export\n";
        });
    });
}

}  // namespace

void add_key(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("key", "the keys this installation signs with");
    noun->require_subcommand(1);
    add_key_list(*noun, context);
    add_export(*noun, context);
    add_rotate(*noun, context);
    add_revoke(*noun, context);
}

}  // namespace patchlab::cli
