// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/catalog_changes.hpp"

#include <iostream>

#include "orchestrator/cli/catalog_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

struct ChangeWords {
    std::string id, channel, reason, newer;
    std::vector<std::filesystem::path> old_files;
    bool publish = false, may_be_empty = false;
};

void warn_of_missing_way_back(const catalog::Entry& entry) {
    for (const catalog::EntryPackage& package : entry.packages)
        if (package.was_installed && package.before.empty())
            std::cerr << "note: there is no way back for " << one_line(package.name)
                      << ": its old version was not kept; give the exact package with --old FILE\n";
}

void add_catalog_add(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("add",
                                         "make an entry of an approved run: its packages, the "
                                         "exact old ones, evidence and approval");
    auto words = std::make_shared<ChangeWords>();
    verb->add_option("RUN", words->id, "the run")->required();
    verb->add_option("--old", words->old_files,
                     "an exact old package that the patch does not hold (may be repeated)")
        ->type_name("FILE");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        const catalog::Entry entry =
            open_catalog(context).make(context.actor(), words->id, words->old_files);
        context.print(catalog::to_json(entry), [&] {
            std::cout << "entry " << entry.id << " made of run " << entry.run
                      << "\npromote it with: patchlab catalog promote " << entry.id
                      << " --to CHANNEL\n";
        });
        warn_of_missing_way_back(entry);
    });
}

/// A run stands for its entry, which is made when there is none.
std::string entry_id(catalog::Catalog& house, Context& context, const std::string& word) {
    if (!word.starts_with("r-")) return word;
    if (const std::string id = house.entries().of_run(word); !id.empty()) return id;
    const catalog::Entry entry = house.make(context.actor(), word);
    warn_of_missing_way_back(entry);
    return entry.id;
}

void add_promote(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("promote", "let the next snapshot of a channel offer an entry");
    auto words = std::make_shared<ChangeWords>();
    verb->add_option("ENTRY", words->id, "the entry, or an approved run")->required();
    verb->add_option("--to", words->channel,
                     "the channel, such as ring-0; made when there is none of that name")
        ->required()
        ->type_name("CHANNEL");
    verb->add_flag("--publish", words->publish, "publish the channel at once");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        catalog::Catalog house = open_catalog(context);
        const governance::Actor actor = context.actor();
        const std::string id = entry_id(house, context, words->id);
        const std::vector<std::string> superseded = house.promote(actor, id, words->channel);
        if (words->publish && !context.json)
            context.progress("publishing channel " + words->channel);
        std::vector<catalog::Published> published;
        if (words->publish) published.push_back(house.publish(actor, words->channel));
        context.print({{"schema", "patchlab/promoted/v1"},
                       {"entry", id},
                       {"channel", words->channel},
                       {"superseded", superseded},
                       {"published", words->publish}},
                      [&] {
                          std::cout << "entry " << id << " stands in channel " << words->channel
                                    << "\n";
                          for (const std::string& one : superseded)
                              std::cout << "entry " << one << " is superseded\n";
                          if (published.empty())
                              std::cout << "hosts see it after: patchlab catalog publish "
                                        << words->channel << "\n";
                          else print_published(context, published);
                      });
    });
}

void add_supersede(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "supersede", "promote a newer entry into every channel where an older one stands");
    auto words = std::make_shared<ChangeWords>();
    verb->add_option("ENTRY", words->id, "the older entry")->required();
    verb->add_option("--by", words->newer, "the newer entry")->required()->type_name("ENTRY");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        const std::vector<std::string> channels =
            open_catalog(context).supersede(context.actor(), words->id, words->newer);
        context.print(
            {{"schema", "patchlab/superseded/v1"},
             {"entry", words->id},
             {"by", words->newer},
             {"channels", channels}},
            [&] {
                std::cout << "entry " << words->newer << " takes the place of " << words->id
                          << " in " << joined(channels)
                          << "\nhosts see it after publishing: patchlab catalog publish CHANNEL\n";
            });
    });
}

void print_taken_back(Context& context, const std::string& id, const catalog::TakenBack& taken) {
    Json channels = Json::array();
    for (const catalog::Published& one : taken.published)
        channels.push_back({{"channel", one.channel}, {"snapshot", one.snapshot}});
    context.print({{"schema", "patchlab/withdrawn/v1"},
                   {"entry", id},
                   {"published", channels},
                   {"offered_again", taken.offered_again},
                   {"without_way_back", taken.without_way_back},
                   {"hosts", taken.hosts ? Json(*taken.hosts) : Json(nullptr)},
                   {"unknown_hosts", taken.unknown_hosts}},
                  [&] {
                      std::cout << "entry " << id << " is withdrawn\n";
                      for (const catalog::Published& one : taken.published)
                          std::cout << "channel " << one.channel
                                    << " no longer offers it (snapshot " << one.snapshot << ")\n";
                      for (const std::string& one : taken.offered_again)
                          std::cout << "offered instead: " << one_line(one) << "\n";
                      for (const std::string& one : taken.without_way_back)
                          std::cout << "no older version to offer: " << one_line(one) << "\n";
                      if (!taken.hosts)
                          std::cout << "hosts that have it: unknown (no host was ever scanned)\n";
                      else
                          std::cout
                              << "hosts that have it, as they were last seen: "
                              << (taken.hosts->empty() ? "none" : one_line(joined(*taken.hosts)))
                              << "\n";
                      if (taken.unknown_hosts > 0)
                          std::cout << "of " << taken.unknown_hosts
                                    << (taken.unknown_hosts == 1 ? " host" : " hosts")
                                    << " nothing current is known: patchlab inventory scan\n";
                  });
}

void add_withdraw(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "withdraw", "take an entry back for good; its channels are published without it at once");
    auto words = std::make_shared<ChangeWords>();
    verb->add_option("ENTRY", words->id, "the entry")->required();
    verb->add_option("--reason", words->reason, "why")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        print_taken_back(context, words->id,
                         open_catalog(context).withdraw(context.actor(), words->id, words->reason));
    });
}

void add_publish(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "publish", "verify everything in a channel and offer it to hosts, in one step");
    auto words = std::make_shared<ChangeWords>();
    verb->add_option("CHANNEL", words->channel, "the channel")->required();
    verb->add_flag("--empty", words->may_be_empty, "also when nothing was ever promoted into it");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        context.progress("publishing channel " + words->channel);
        print_published(context, {open_catalog(context).publish(context.actor(), words->channel,
                                                                words->may_be_empty)});
    });
}

}  // namespace

void add_catalog_changes(CLI::App& noun, Context& context) {
    add_catalog_add(noun, context);
    add_promote(noun, context);
    add_supersede(noun, context);
    add_withdraw(noun, context);
    add_publish(noun, context);
}

}  // namespace patchlab::cli
