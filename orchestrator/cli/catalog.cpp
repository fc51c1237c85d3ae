// SPDX-License-Identifier: Apache-2.0
//
// The catalog: what was proven and approved, in channels that hosts follow. What is shown here
// changes nothing; catalog_changes.cpp does.
#include <iostream>

#include "orchestrator/cli/catalog_changes.hpp"
#include "orchestrator/cli/catalog_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

struct ShowWords {
    std::string id, channel, url, key = "/etc/apt/keyrings/patchlab.asc", output, kind = "openpgp";
    std::vector<std::string> ids, channels;
    bool binary = false;
};

Json refusals_json(const std::string& subject, const std::vector<catalog::Refusal>& refusals) {
    Json problems = Json::array();
    for (const catalog::Refusal& refusal : refusals)
        problems.push_back({{"what", refusal.what}, {"why", refusal.why}});
    return {{"subject", subject}, {"good", refusals.empty()}, {"problems", problems}};
}

/// Without words: every entry that is offered and every published channel.
void verify_channel(Context& context, ShowWords words) {
    catalog::Catalog house = open_catalog(context);
    if (words.ids.empty() && words.channels.empty()) {
        for (const catalog::Entry& entry : house.entries().list()) {
            const catalog::EntryState state = house.entries().status(entry.id).state;
            if (state == catalog::EntryState::offered || state == catalog::EntryState::superseded)
                words.ids.push_back(entry.id);
        }
        for (const catalog::ChannelAccess& channel : house.channels())
            if (!channel.snapshot.empty()) words.channels.push_back(channel.name);
    }
    Json items = Json::array();
    for (const std::string& id : words.ids)
        items.push_back(refusals_json("entry " + id, house.verify(id)));
    for (const std::string& name : words.channels)
        items.push_back(refusals_json("channel " + name, house.verify_channel(name)));
    context.print({{"schema", "patchlab/catalog-verification/v1"}, {"verified", items}}, [&] {
        for (const Json& item : items) {
            std::cout << one_line(item["subject"].get<std::string>())
                      << (item["good"].get<bool>() ? ": good\n" : ": NOT good\n");
            for (const Json& problem : item["problems"])
                std::cout << "  " << one_line(problem["what"].get<std::string>()) << ": "
                          << one_line(problem["why"].get<std::string>()) << "\n";
        }
        if (items.empty()) std::cout << "nothing is offered yet\n";
    });
    for (const Json& item : items)
        if (!item["good"].get<bool>()) context.exit = exit_code(ErrorCode::refused);
}

void write_or_print(const std::string& output, const std::string& text) {
    if (output.empty()) std::cout << text;
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
        if (words->kind == "openpgp")
            return write_or_print(words->output,
                                  open_catalog(context).repository_key(!words->binary));
        const KeyRing ring = catalog::catalog_keys(context.state());
        ring.current(context.clock());  // made at first use
        std::string text;
        for (const PublicKey& one : ring.public_keys()) text += one.pem();
        write_or_print(words->output, text);
    });
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
        const catalog::ChannelAccess access = open_catalog(context).channel(words->channel);
        const std::string url =
            words->url.empty() ? "file://" + access.folder.string() : words->url;
        const std::string sources = catalog::apt_sources(access.name, url, words->key),
                          preferences = catalog::apt_preferences(access.name),
                          yum = catalog::yum_repository(access.name, url, words->key);
        context.print({{"schema", "patchlab/subscription/v1"},
                       {"channel", access.name},
                       {"sources", sources},
                       {"preferences", preferences},
                       {"yum", yum}},
                      [&] {
                          std::cout << "# " << words->key
                                    << ": what `patchlab catalog key export` writes\n\n# "
                                       "/etc/apt/sources.list.d/patchlab.sources\n"
                                    << sources << "\n# /etc/apt/preferences.d/patchlab\n"
                                    << preferences;
                          if (access.rpm)
                              std::cout << "\n# /etc/yum.repos.d/patchlab.repo\n" << yum;
                      });
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
    add_json_flag(*listing, context);
    listing->callback([&context, words] { print_entries(context, words->channel); });

    CLI::App* show = noun->add_subcommand("show", "tell everything about an entry");
    show->add_option("ENTRY", words->id, "the entry")->required();
    add_json_flag(*show, context);
    show->callback([&context, words] { print_entry(context, words->id); });

    CLI::App* channels =
        noun->add_subcommand("channels", "list the channels and what they offer now");
    add_json_flag(*channels, context);
    channels->callback([&context] { print_channels(context); });

    CLI::App* check = noun->add_subcommand("verify",
                                           "check signatures, evidence, approvals and every byte; "
                                           "without words, of all that is offered");
    check->add_option("ENTRY", words->ids, "an entry (may be repeated)");
    check->add_option("--channel", words->channels, "a channel (may be repeated)");
    add_json_flag(*check, context);
    check->callback([&context, words] { verify_channel(context, *words); });

    add_catalog_changes(*noun, context);
    add_catalog_key(*noun, context);
    add_subscribe(*noun, context);
}

}  // namespace patchlab::cli
