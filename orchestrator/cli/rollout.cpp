// SPDX-License-Identifier: Apache-2.0
//
// Rollouts: planned, watched and told about here; rollout_drive.cpp changes something.
#include <iostream>
#include <iterator>
#include <thread>

#include "orchestrator/cli/catalog_view.hpp"
#include "orchestrator/cli/rollout_drive.hpp"
#include "orchestrator/cli/rollout_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/rollout/engine/steering.hpp"
#include "orchestrator/rollout/gate/host_report.hpp"
#include "orchestrator/rollout/store/view.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

struct RolloutWords {
    std::string file, entry, simulation, id, host;
    bool watch = false, hosts = false, follow = false;
};

void add_rollout_check(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("check", "check a definition: every mistake, with file, line and path");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("FILE", words->file, "the rollout's YAML file")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Diagnostics diagnostics;
        const rollout::Definition definition = rollout::load_definition(words->file, diagnostics);
        if (context.json) {
            context.print({{"schema", "patchlab/rollout-check/v1"},
                           {"file", words->file},
                           {"ok", diagnostics.ok()},
                           {"mistakes", diagnostics.to_json()}},
                          [] {});
            if (!diagnostics.ok()) context.exit = 2;
            return;
        }
        diagnostics.throw_if_any("checking rollout " + words->file);
        std::cout << "rollout '" << definition.name << "' is well defined\n";
    });
}

void add_plan(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "plan", "tell which host would come in which ring, and when; nothing is started");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("FILE", words->file, "the rollout's YAML file")->required();
    verb->add_option("--entry", words->entry, "the catalog entry")->required();
    verb->add_option("--simulate", words->simulation,
                     "on hosts that exist in this script alone (JSON)")
        ->type_name("FILE");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        catalog::Catalog catalog = open_catalog(context);
        const Json document = rollout::to_json(
            plan_rollout(context, catalog, words->file, words->entry, words->simulation),
            context.clock().now());
        context.print(document, [&] { print_plan(context, document); });
    });
}

void add_status(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("status", "where a rollout stands; without a word, the newest");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("ROLLOUT", words->id, "the rollout");
    verb->add_flag("--watch", words->watch, "go on until it is over or paused");
    verb->add_flag("--hosts", words->hosts, "every host by name");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        if (words->watch && !context.json) return watch_rollout(context, words->id, words->hosts);
        rollout::RolloutStore store(context.database());
        const Json status = rollout::status_json(store, store.get(words->id), words->hosts);
        context.print(status, [&] { print_status(context, status, words->hosts); });
    });
}

void add_rollout_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "show", "everything about a rollout: rings, hosts, versions before and after");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("ROLLOUT", words->id, "the rollout")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        rollout::RolloutStore store(context.database());
        const rollout::RolloutRow row = store.get(words->id);
        Json status = rollout::status_json(store, row, true);
        status["definition"] = row.source;
        Json events = Json::array();
        for (const rollout::EventRow& event : store.events(row.key, 0, 10'000))
            events.push_back({{"time", event.time},
                              {"kind", event.kind},
                              {"ring", event.ring},
                              {"host", event.host},
                              {"text", event.text}});
        status["events"] = std::move(events);
        context.print(status, [&] { print_status(context, status, true); });
    });
}

void add_rollout_log(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("log", "what happened in a rollout");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("ROLLOUT", words->id, "the rollout")->required();
    verb->add_flag("-f,--follow", words->follow, "go on until it is over or paused");
    verb->callback([&context, words] {
        rollout::RolloutStore store(context.database());
        std::int64_t last = 0;
        for (;;) {
            const rollout::RolloutRow row = store.get(words->id);
            for (const rollout::EventRow& event : store.events(row.key, last)) {
                std::cout << event.time << "  " << event.kind
                          << (event.ring.empty() ? "" : "  " + event.ring)
                          << (event.host.empty() ? "" : "  " + one_line(event.host))
                          << (event.text.empty() ? "" : ": " + one_line(event.text)) << std::endl;
                last = event.sequence;
            }
            if (!words->follow || rollout::resume_point(row.state) == rollout::Duty::nothing)
                return;
            std::this_thread::sleep_for(
                std::chrono::milliseconds(200));  // the store of another process gives no event
        }
    });
}

void add_host_report(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("report", "take what a host says of itself (mode pull)");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("--host", words->host, "the host that sent it, as SSH knows it")->required();
    verb->add_option("FILE", words->file, "its report; -: standard input")->required();
    verb->callback([&context, words] {
        std::string text;
        if (words->file == "-") {
            char buffer[65536];
            while (text.size() <= rollout::max_report_bytes &&
                   (std::cin.read(buffer, sizeof buffer), std::cin.gcount() > 0))
                text.append(buffer, static_cast<std::size_t>(std::cin.gcount()));
        } else {
            text = read_file(words->file, rollout::max_report_bytes);
        }
        const rollout::HostReport report =
            rollout::parse_host_report(text, words->host, context.clock().now());
        rollout::RolloutStore(context.database()).put_report(report);
        std::cout << "report of " << report.host << " taken: " << report.packages.size()
                  << " packages\n";
    });
}

}  // namespace

void add_rollout(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "rollout", "bring a catalog entry to production, ring by ring, and back");
    noun->require_subcommand(1);
    add_rollout_check(*noun, context);
    add_plan(*noun, context);
    add_rollout_drive(app, *noun, context);
    CLI::App* listing = noun->add_subcommand("list", "list the rollouts, newest first");
    add_json_flag(*listing, context);
    listing->callback([&context] { print_rollouts(context); });
    add_status(*noun, context);
    add_rollout_show(*noun, context);
    add_rollout_log(*noun, context);
    add_host_report(*noun, context);
}

}  // namespace patchlab::cli
