// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/rollout_drive.hpp"

#include <sys/wait.h>

#include <iostream>
#include <thread>

#include "orchestrator/cli/catalog_view.hpp"
#include "orchestrator/cli/rollout_parts.hpp"
#include "orchestrator/cli/rollout_view.hpp"
#include "orchestrator/rollout/engine/engine.hpp"
#include "orchestrator/rollout/engine/steering.hpp"
#include "orchestrator/rollout/gate/gate_suites.hpp"
#include "orchestrator/rollout/store/view.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"
#include "platform/process/detached.hpp"

namespace patchlab::cli {

namespace {

using rollout::RolloutState;

struct DriveWords {
    std::string file, entry, simulation, id, reason;
    bool detach = false, now = false;
};

/// 0: it did what was asked; 1: it did not get there.
int exit_of_rollout(Context& context, const rollout::RolloutRow& row) {
    rollout::RolloutStore store(context.database());
    if (row.state == RolloutState::backed_out)
        return store.hosts_in(row.key, -1, {rollout::HostState::back_out_failed}).empty() ? 0 : 1;
    return row.state == RolloutState::finished ? 0 : 1;
}

void drive(Context& context, const std::string& id, bool ignore_windows) {
    catalog::Catalog catalog = open_catalog(context);
    rollout::RolloutStore store(context.database());
    const FileLock lock = rollout::RolloutFolder(context.state(), id).take();
    const rollout::RolloutRow row = store.get(id);
    rollout::CatalogAuthority real(catalog, context.governance());
    rollout::SimulatedAuthority simulated(real);
    rollout::Authority& authority =
        row.simulated.empty() ? static_cast<rollout::Authority&>(real) : simulated;
    RolloutParts parts =
        parts_for(context, row, rollout::stored_definition(row),
                  [&](const notify::Notice& notice) { context.progress(notice.text); });
    rollout::Engine engine({store, authority, *parts.deployer, *parts.notices, *parts.clock,
                            *parts.waiter, rollout::goods_of(catalog, row.entry)},
                           row);
    try {
        engine.drive(ignore_windows);
    } catch (Error& error) {
        error.during("driving rollout '" + id + "'");
        throw Error(error.code(), error.what(),
                    error.advice().empty()
                        ? "it goes on where it was with: patchlab rollout resume " + id
                        : error.advice());
    }
}

void launch_driver(Context& context, const std::string& id, bool ignore_windows) {
    const rollout::RolloutFolder folder(context.state(), id);
    std::vector<std::string> words{"--state", context.state().string(), "internal-rollout", id};
    if (ignore_windows) words.emplace_back("--now");
    const pid_t pid = process::start_detached(std::move(words), folder.log(),
                                              "the process that drives the rollout");
    // whoever is told that it goes on may ask something of it at once
    while (!folder.is_driven() && ::waitpid(pid, nullptr, WNOHANG) == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

/// In this process, or in one of its own; then what became of it.
void go(Context& context, const std::string& id, const DriveWords& words) {
    rollout::RolloutStore store(context.database());
    if (words.detach) launch_driver(context, id, words.now);
    else drive(context, id, words.now);
    const rollout::RolloutRow row = store.get(id);
    const Json status = rollout::status_json(store, row, false);
    context.print(status, [&] {
        if (words.detach) std::cout << id << "\n";
        else print_status(context, status, false);
    });
    if (!words.detach) context.exit = exit_of_rollout(context, row);
}

template <typename Work>
void steer(Context& context, Work&& work) {
    catalog::Catalog catalog = open_catalog(context);
    rollout::RolloutStore store(context.database());
    rollout::CatalogAuthority authority(catalog, context.governance());
    work(rollout::Steering(context.governance(), store, authority, context.clock()), store,
         catalog);
}

void add_start(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("start", "bring an entry to its hosts, ring by ring");
    auto words = std::make_shared<DriveWords>();
    verb->add_option("FILE", words->file, "the rollout's YAML file")->required();
    verb->add_option("--entry", words->entry, "the catalog entry")->required();
    verb->add_option("--simulate", words->simulation,
                     "on hosts that exist in this script alone (JSON)")
        ->type_name("FILE");
    verb->add_flag("--detach", words->detach, "return at once; it goes on in a process of its own");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        std::string id;
        steer(context,
              [&](rollout::Steering steering, rollout::RolloutStore&, catalog::Catalog& catalog) {
                  const rollout::Plan plan =
                      plan_rollout(context, catalog, words->file, words->entry, words->simulation);
                  const Json gate = rollout::freeze_gate(
                      plan.definition, catalog.entries().get(words->entry),
                      catalog.entries().folder(words->entry), context.database());
                  id = steering.start(context.actor(), plan, gate, words->simulation).id;
              });
        go(context, id, *words);
    });
}

void add_id(CLI::App& verb, DriveWords& words) {
    verb.add_option("ROLLOUT", words.id, "the rollout")->required();
}

void add_pause(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("pause", "stop after the hosts that are being worked on");
    auto words = std::make_shared<DriveWords>();
    add_id(*verb, *words);
    verb->callback([&context, words] {
        steer(context, [&](rollout::Steering steering, rollout::RolloutStore&, catalog::Catalog&) {
            std::cout << steering.pause(context.actor(), words->id) << "\n";
        });
    });
}

void add_rollout_resume(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "resume", "go on with a rollout that was paused, or whose process was lost");
    auto words = std::make_shared<DriveWords>();
    add_id(*verb, *words);
    verb->add_flag("--detach", words->detach, "return at once; it goes on in a process of its own");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        steer(context, [&](rollout::Steering steering, rollout::RolloutStore&, catalog::Catalog&) {
            steering.resume(context.actor(), words->id);
        });
        go(context, words->id, *words);
    });
}

void add_abort(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("abort", "end it for good; hosts that are patched stay so");
    auto words = std::make_shared<DriveWords>();
    add_id(*verb, *words);
    verb->callback([&context, words] {
        bool mine = false;
        steer(context, [&](rollout::Steering steering, rollout::RolloutStore&, catalog::Catalog&) {
            mine = steering.abort(context.actor(), words->id);
        });
        if (!mine) {
            std::cout << "rollout " << words->id << " ends after the hosts that it works on now\n";
            return;
        }
        drive(context, words->id, false);
        rollout::RolloutStore store(context.database());
        print_status(context, rollout::status_json(store, store.get(words->id), false), false);
    });
}

void add_back_out(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "back-out",
        "every patched host back to its exact versions from before, the last ring first");
    auto words = std::make_shared<DriveWords>();
    add_id(*verb, *words);
    verb->add_option("--reason", words->reason, "why");
    verb->add_flag("--now", words->now, "without waiting for windows");
    verb->add_flag("--detach", words->detach, "return at once; it goes on in a process of its own");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        steer(context, [&](rollout::Steering steering, rollout::RolloutStore&, catalog::Catalog&) {
            steering.back_out(context.actor(), words->id, words->reason);
        });
        go(context, words->id, *words);
    });
}

void add_internal(CLI::App& app, Context& context) {
    CLI::App* verb =
        app.add_subcommand("internal-rollout", "drives one rollout; started by patchlab itself");
    verb->group("");  // hidden
    auto words = std::make_shared<DriveWords>();
    verb->add_option("ROLLOUT", words->id)->required();
    verb->add_flag("--now", words->now);
    verb->callback([&context, words] {
        log_to_file(rollout::RolloutFolder(context.state(), words->id).log());
        drive(context, words->id, words->now);
        rollout::RolloutStore store(context.database());
        context.exit = exit_of_rollout(context, store.get(words->id));
    });
}

}  // namespace

rollout::Plan plan_rollout(Context& context, catalog::Catalog& catalog, const std::string& file,
                           const std::string& entry, const std::string& simulation) {
    Diagnostics diagnostics;
    const rollout::Definition definition = rollout::load_definition(file, diagnostics);
    diagnostics.throw_if_any("reading rollout " + file);
    const catalog::Entry brought = catalog.entries().get(entry);
    const auto source = host_source(context, simulation);
    return during("planning rollout '" + definition.name + "'", [&] {
        std::vector<rollout::HostFacts> hosts = source->hosts(brought);
        if (hosts.empty())
            throw Error(ErrorCode::invalid, "there is no host to bring it to",
                        "take hosts in: patchlab inventory import FILE");
        return rollout::make_plan(definition, brought, std::move(hosts), source->windows(),
                                  context.clock().now());
    });
}

void add_rollout_drive(CLI::App& app, CLI::App& noun, Context& context) {
    add_start(noun, context);
    add_pause(noun, context);
    add_rollout_resume(noun, context);
    add_abort(noun, context);
    add_back_out(noun, context);
    add_internal(app, context);
}

}  // namespace patchlab::cli
