// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

struct ChangeWords {
    std::string id, channel, reason, newer;
    std::vector<std::string> old_files, channels;
    bool publish = false, may_be_empty = false;
};

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
        Json request{{"run", words->id}};
        put(request, "old_files", words->old_files);
        const Json entry = context.invoke("catalog.add", request);
        context.print(entry, [&] {
            const std::string id = entry.at("id").get<std::string>();
            std::cout << "entry " << id << " made of run " << entry.at("run").get<std::string>()
                      << "\npromote it with: patchlab catalog promote " << id << " --to CHANNEL\n";
        });
    });
}

void print_published(const std::vector<JsonReader>& published) {
    for (const JsonReader& one : published) {
        std::cout << "channel " << one.string("channel")
                  << (one.boolean("changed") ? " now offers" : " offers, as before,")
                  << " snapshot " << one.string("snapshot") << ", "
                  << count_text(one.integer("packages"), "package") << "\n";
        for (const std::string& note : one.strings("notes"))
            std::cerr << "note: " << one_line(note) << "\n";
    }
}

void print_promoted(const JsonReader& promoted) {
    const std::string channel = promoted.string("channel");
    std::cout << "entry " << promoted.string("entry") << " stands in channel " << channel << "\n";
    for (const std::string& one : promoted.strings("superseded"))
        std::cout << "entry " << one << " is superseded\n";
    if (promoted.boolean("published")) print_published(promoted.objects("publications"));
    else std::cout << "hosts see it after: patchlab catalog publish " << channel << "\n";
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
        const Json promoted = context.invoke(
            "catalog.promote",
            {{"entry", words->id}, {"channel", words->channel}, {"publish", words->publish}});
        context.print(promoted, [&] { print_promoted(JsonReader(promoted, "promoted")); });
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
        const Json document =
            context.invoke("catalog.supersede", {{"entry", words->id}, {"by", words->newer}});
        context.print(document, [&] {
            std::cout << "entry " << words->newer << " takes the place of " << words->id << " in "
                      << joined(JsonReader(document, "superseded").strings("channels"))
                      << "\nhosts see it after publishing: patchlab catalog publish CHANNEL\n";
        });
    });
}

void print_withdrawn(const JsonReader& taken) {
    std::cout << "entry " << taken.string("entry") << " is withdrawn\n";
    for (const JsonReader& one : taken.objects("published"))
        std::cout << "channel " << one.string("channel") << " no longer offers it (snapshot "
                  << one.string("snapshot") << ")\n";
    for (const std::string& one : taken.strings("offered_again"))
        std::cout << "offered instead: " << one_line(one) << "\n";
    for (const std::string& one : taken.strings("without_way_back"))
        std::cout << "no older version to offer: " << one_line(one) << "\n";
    if (taken.has("hosts")) {
        const std::vector<std::string> hosts = taken.strings("hosts");
        std::cout << "hosts that have it, as they were last seen: "
                  << (hosts.empty() ? "none" : one_line(joined(hosts))) << "\n";
    } else {
        std::cout << "hosts that have it: unknown (no host was ever scanned)\n";
    }
    if (const std::int64_t unknown = taken.integer("unknown_hosts"); unknown > 0)
        std::cout << "of " << count_text(unknown, "host")
                  << " nothing current is known: patchlab inventory scan\n";
}

void add_withdraw(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "withdraw", "take an entry back for good; its channels are published without it at once");
    auto words = std::make_shared<ChangeWords>();
    verb->add_option("ENTRY", words->id, "the entry")->required();
    verb->add_option("--reason", words->reason, "why")->required();
    auto caution = add_caution(*verb);
    add_json_flag(*verb, context);
    verb->callback([&context, words, caution] {
        if (!go_ahead(context, *caution, "withdraw entry " + words->id + " for good")) return;
        const Json taken =
            context.invoke("catalog.withdraw", {{"entry", words->id}, {"reason", words->reason}});
        context.print(taken, [&] { print_withdrawn(JsonReader(taken, "withdrawn")); });
    });
}

void add_release(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "release", "offer an entry again that was recalled because a rollout went back");
    auto words = std::make_shared<ChangeWords>();
    verb->add_option("ENTRY", words->id, "the entry")->required();
    verb->add_option("--reason", words->reason, "why it may go on")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        const Json document =
            context.invoke("catalog.release", {{"entry", words->id}, {"reason", words->reason}});
        context.print(document, [&] {
            const JsonReader released(document, "released");
            const std::vector<std::string> channels = released.strings("channels");
            std::cout << "entry " << released.string("entry") << " is " << released.string("state")
                      << " again\n";
            for (const std::string& channel : channels)
                std::cout << "hosts see it after: patchlab catalog publish " << channel << "\n";
        });
    });
}

void add_refresh(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "refresh",
        "publish channels once more before hosts stop trusting them; for a timer, once a day");
    auto words = std::make_shared<ChangeWords>();
    verb->add_option("CHANNEL", words->channels, "a channel (default: every published one)");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request = Json::object();
        put(request, "channels", words->channels);
        const Json document = context.invoke("catalog.refresh", request);
        context.print(document, [&] {
            const JsonReader refreshed(document, "refreshed");
            print_published(refreshed.objects("published"));
            for (const JsonReader& one : refreshed.objects("failed"))
                std::cerr << "channel " << one.string("channel")
                          << " was not published: " << one_line(one.string("why")) << "\n";
        });
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
        const Json document =
            context.invoke("catalog.publish",
                           {{"channel", words->channel}, {"may_be_empty", words->may_be_empty}});
        context.print(document, [&] {
            print_published(JsonReader(document, "published").objects("published"));
        });
    });
}

}  // namespace

void add_catalog_changes(CLI::App& noun, Context& context) {
    add_catalog_add(noun, context);
    add_promote(noun, context);
    add_supersede(noun, context);
    add_withdraw(noun, context);
    add_publish(noun, context);
    add_release(noun, context);
    add_refresh(noun, context);
}

}  // namespace patchlab::cli
