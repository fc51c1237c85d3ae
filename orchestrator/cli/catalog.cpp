// SPDX-License-Identifier: Apache-2.0
//
// The catalog: what was proven and approved, in channels that hosts follow. What is shown here
// changes nothing; catalog_changes.cpp does.
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

struct ShowWords {
    std::string id, channel, url, key = "/etc/apt/keyrings/patchlab.asc", output, kind = "openpgp";
    std::vector<std::string> ids, channels;
    bool binary = false;
};

void print_verified(const JsonReader& document) {
    const std::vector<JsonReader> items = document.objects("verified");
    for (const JsonReader& item : items) {
        std::cout << one_line(item.string("subject"))
                  << (item.boolean("good") ? ": good\n" : ": NOT good\n");
        for (const JsonReader& problem : item.objects("problems"))
            std::cout << "  " << one_line(problem.string("what")) << ": "
                      << one_line(problem.string("why")) << "\n";
    }
    if (items.empty()) std::cout << "nothing is offered yet\n";
}

void write_or_print(const std::string& output, const std::string& text) {
    if (output.empty()) std::cout << Exact{text};
    else write_file_atomic(output, text);
}

void add_catalog_key(CLI::App& noun, Context& context) {
    CLI::App* key = noun.add_subcommand("key", "the keys that sign repositories and entries");
    key->require_subcommand(1);
    CLI::App* verb =
        key->add_subcommand("export", "write the public key that hosts need to follow a channel");
    auto words = std::make_shared<ShowWords>();
    verb->add_option("-o,--output", words->output, "write to this file instead of stdout")
        ->type_name("FILE");
    verb->add_flag("--binary", words->binary, "not armoured, as gpgv reads it");
    verb->add_option(
            "--kind", words->kind,
            "openpgp: of repositories, for apt and dnf; signing: of entries and snapshots (PEM)")
        ->check(CLI::IsMember({"openpgp", "signing"}));
    verb->callback([&context, words] {
        const Json exported =
            context.invoke_exact("catalog.key", {{"kind", words->kind}, {"binary", words->binary}});
        write_or_print(words->output, exported.contains("base64")
                                          ? base64_decode(exported.at("base64").get<std::string>())
                                          : exported.at("text").get<std::string>());
    });
}

void print_subscription(const JsonReader& access) {
    std::cout << "# " << access.string("key")
              << ": what `patchlab catalog key export` writes\n\n"
                 "# /etc/apt/sources.list.d/patchlab.sources\n"
              << access.string("sources") << "\n# /etc/apt/preferences.d/patchlab\n"
              << access.string("preferences");
    if (access.boolean("rpm"))
        std::cout << "\n# /etc/yum.repos.d/patchlab.repo\n" << access.string("yum");
}

/// The two files that a host needs besides the key, to be copied as they are printed.
void add_subscribe(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("subscribe", "print what a host must be told to follow a channel");
    auto words = std::make_shared<ShowWords>();
    verb->add_option("CHANNEL", words->channel, "the channel")->required();
    verb->add_option("--url", words->url,
                     "where hosts find its folder, such as https://deb.example.org/ring-0/current "
                     "(default: the folder itself)");
    verb->add_option("--key", words->key,
                     "where the host keeps the public key (default: " + words->key + ")");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request{{"channel", words->channel}, {"key", words->key}};
        put(request, "url", words->url);
        const Json document = context.invoke("catalog.subscribe", request);
        context.print(document, [&] { print_subscription(JsonReader(document, "channel")); });
    });
}

}  // namespace

void add_catalog(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "catalog", "what was proven and approved, and the channels that offer it to hosts");
    noun->require_subcommand(1);
    auto words = std::make_shared<ShowWords>();

    CLI::App* listing = noun->add_subcommand("list", "list the entries, newest first");
    listing->add_option("--channel", words->channel, "only those that were promoted into it");
    auto filter = add_list_options(
        *listing, context,
        {{"--state", "state", "only offered, superseded, withdrawn, quarantined, recalled"},
         {"--patch", "patches", "only entries of this patch"},
         {"--run", "run", "only the entry of this run"}});
    listing->callback([&context, words, filter] {
        Json request = Json::object();
        put(request, "channel", words->channel);
        print_entries(context, list_request(*filter, request));
    });

    CLI::App* show = noun->add_subcommand("show", "tell everything about an entry");
    show->add_option("ENTRY", words->id, "the entry")->required();
    add_output_options(*show, context);
    show->callback([&context, words] { print_entry(context, words->id); });

    CLI::App* channels =
        noun->add_subcommand("channels", "list the channels and what they offer now");
    auto of_channels = add_list_options(*channels, context, {});
    channels->callback(
        [&context, of_channels] { print_channels(context, list_request(*of_channels)); });

    CLI::App* check = noun->add_subcommand("verify",
                                           "check signatures, evidence, approvals and every byte; "
                                           "without words, of all that is offered");
    check->add_option("ENTRY", words->ids, "an entry (may be repeated)");
    check->add_option("--channel", words->channels, "a channel (may be repeated)");
    add_json_flag(*check, context);
    check->callback([&context, words] {
        Json request = Json::object();
        put(request, "entries", words->ids);
        put(request, "channels", words->channels);
        const Json found = context.invoke("catalog.verify", request);
        context.print(found, [&] { print_verified(JsonReader(found, "verification")); });
    });

    add_catalog_changes(*noun, context);
    add_catalog_key(*noun, context);
    add_subscribe(*noun, context);
}

}  // namespace patchlab::cli
