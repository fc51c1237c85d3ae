// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "platform/core/text.hpp"

namespace patchlab::cli {

namespace {

struct TokenWords {
    std::string name, user, role;
    std::vector<std::string> labs, channels, rings;
    std::int64_t days = 90;
};

std::string narrowing_text(const JsonReader& token) {
    const JsonReader narrowing = token.object("narrowing");
    std::string text = narrowing.string_or("role", "");
    for (const char* kind : {"labs", "channels", "rings"})
        if (const auto names = narrowing.strings_or_empty(kind); !names.empty())
            text += (text.empty() ? "" : "; ") + std::string(kind) + " " + joined(names);
    return text.empty() ? "-" : text;
}

Cells token_row(const JsonReader& token) {
    return {token.string("id"),
            token.string("user"),
            token.string("name"),
            token.string("state"),
            narrowing_text(token),
            token.string("expires"),
            token.string_or("last_used", "never"),
            token.string_or("last_from", "-")};
}

void make_token(Context& context, const TokenWords& words) {
    Json request{{"name", words.name}, {"days", words.days}};
    put(request, "user", words.user);
    put(request, "role", words.role);
    put(request, "labs", words.labs);
    put(request, "channels", words.channels);
    put(request, "rings", words.rings);
    const Json document = context.invoke("token.create", request);
    context.print(document, [&] {
        const JsonReader in(document, "token");
        std::cout << in.string("text") << "\n";
        print_hint(context, "The token is shown this once. It acts as '" +
                                in.object("token").string("user") + "' until " +
                                in.object("token").string("expires") +
                                "; keep it where only its program reads it.");
    });
}

void add_create(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "create", "make a token with which a program acts as you; it is shown once");
    auto words = std::make_shared<TokenWords>();
    verb->add_option("NAME", words->name, "what it is for")->required();
    verb->add_option("--expires", words->days, "days that it lives, at most 365 (default: 90)")
        ->type_name("DAYS")
        ->check(CLI::Range(1, 365).description(""));
    verb->add_option("--user", words->user, "of another user (role admin)")->type_name("NAME");
    verb->add_option("--role", words->role, "with this role of the user only");
    verb->add_option("--lab", words->labs, "for this lab only (repeatable)")->delimiter(',');
    verb->add_option("--channel", words->channels, "for this channel only (repeatable)")
        ->delimiter(',');
    verb->add_option("--ring", words->rings, "for this ring of rollouts only (repeatable)")
        ->delimiter(',');
    add_json_flag(*verb, context);
    verb->callback([&context, words] { make_token(context, *words); });
}

void add_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list your tokens, newest first");
    auto all = std::make_shared<bool>(false);
    verb->add_flag("--all", *all, "of everybody (role admin or auditor)");
    auto words = add_list_options(*verb, context,
                                  {{"--state", "state", "only active, expired or revoked ones"}});
    verb->callback([&context, words, all] {
        const Json document = context.invoke("token.list", list_request(*words, {{"all", *all}}));
        print_list(context, document, "tokens",
                   {"TOKEN", "USER", "NAME", "STATE", "FOR", "EXPIRES", "USED", wide("FROM")},
                   token_row, "No tokens yet: make one with `patchlab token create NAME`.");
    });
}

void add_revoke(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("revoke", "make a token good for nothing from now on");
    auto token = std::make_shared<std::string>();
    verb->add_option("ID", *token, "its id, of token list")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, token] {
        const Json document = context.invoke("token.revoke", {{"token", *token}});
        context.print(document, [&] { std::cout << "token " << *token << " is revoked\n"; });
    });
}

}  // namespace

void add_token(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("token", "tokens with which programs act as a user");
    noun->require_subcommand(1);
    add_create(*noun, context);
    add_list(*noun, context);
    add_revoke(*noun, context);
}

}  // namespace patchlab::cli
