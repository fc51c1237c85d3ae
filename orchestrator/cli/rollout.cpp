// SPDX-License-Identifier: Apache-2.0
//
// Rollouts: planned, watched and told about here; rollout_steer.cpp changes something.
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/operations/rollout_process.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

constexpr std::size_t max_report_bytes = 4U << 20;

struct RolloutWords {
    std::string file, entry, simulation, id, host;
    bool watch = false, hosts = false, follow = false, now = false, exit_code = false;
};

void add_rollout_check(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("check", "check a definition: every mistake, with file, line and path");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("FILE", words->file, "the rollout's YAML file")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request;
        put_definition(request, words->file);
        const Json found = context.invoke("rollout.check", request);
        if (!context.json) throw_mistakes(found, "checking rollout " + words->file);
        context.print(found, [&] {
            std::cout << "rollout '" << found.at("name").get<std::string>()
                      << "' is well defined\n";
        });
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
    add_output_options(*verb, context);
    verb->callback([&context, words] {
        Json request{{"entry", words->entry}};
        put_definition(request, words->file);
        put(request, "simulation", words->simulation);
        const Json plan = context.invoke("rollout.plan", request);
        context.print(plan, [&] { print_plan(context, plan); });
    });
}

void add_status(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("status", "where a rollout stands; without a word, the newest");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("ROLLOUT", words->id, "the rollout");
    verb->add_flag("--watch", words->watch, "go on until it is over or paused");
    verb->add_flag("--hosts", words->hosts, "every host by name");
    verb->add_flag("--exit-code", words->exit_code,
                   "the exit code says how it ended: 0 finished or gone back, 1 anything else");
    add_output_options(*verb, context);
    verb->callback([&context, words] {
        Json request{{"hosts", words->hosts}, {"exit_code", words->exit_code}};
        put(request, "rollout", words->id);
        if (words->watch && !context.for_programs())
            return watch_rollout(context, request, words->hosts);
        const Json status = context.invoke("rollout.status", request);
        context.print(status, [&] { print_status(status, words->hosts); });
    });
}

void add_rollout_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "show", "everything about a rollout: rings, hosts, versions before and after");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("ROLLOUT", words->id, "the rollout")->required();
    add_output_options(*verb, context);
    verb->callback([&context, words] {
        // exact: the definition has lines of its own
        const Json report = context.invoke_exact("rollout.show", {{"rollout", words->id}});
        context.print(report, [&] { print_rollout_report(report); });
    });
}

void add_rollout_log(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("log", "what happened in a rollout");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("ROLLOUT", words->id, "the rollout")->required();
    verb->add_flag("-f,--follow", words->follow, "go on until it is over or paused");
    verb->add_flag("--json", context.json, "a JSON document a line, for programs");
    verb->callback([&context, words] { print_rollout_log(context, words->id, words->follow); });
}

std::string read_report(const std::string& file) {
    if (file != "-") return read_file(file, max_report_bytes);
    std::string text;
    char buffer[65536];
    while (text.size() <= max_report_bytes) {
        std::cin.read(buffer, sizeof buffer);
        if (std::cin.gcount() <= 0) break;
        text.append(buffer, static_cast<std::size_t>(std::cin.gcount()));
    }
    return text;
}

void add_host_report(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("report", "take what a host says of itself (mode pull)");
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("--host", words->host, "the host that sent it, as SSH knows it")->required();
    verb->add_option("FILE", words->file, "its report; -: standard input")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        const Json taken = context.invoke(
            "rollout.report", {{"host", words->host}, {"report", read_report(words->file)}});
        context.print(taken, [&] {
            std::cout << "report of " << taken.at("host").get<std::string>() << " taken: "
                      << count_text(taken.at("packages").get<std::size_t>(), "package") << "\n";
        });
    });
}

/// The process that a rollout with --detach runs in: no operation, for whoever asked for the
/// rollout was authorised then.
void add_internal(CLI::App& app, Context& context) {
    CLI::App* verb =
        app.add_subcommand("internal-rollout", "drives one rollout; started by patchlab itself");
    verb->group("");  // hidden
    auto words = std::make_shared<RolloutWords>();
    verb->add_option("ROLLOUT", words->id)->required();
    verb->add_flag("--now", words->now);
    verb->callback([&context, words] {
        context.exit =
            operations::rollout_process(context.session(), context.events(), words->id, words->now);
    });
}

}  // namespace

void add_rollout(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "rollout", "bring a catalog entry to production, ring by ring, and back");
    noun->require_subcommand(1);
    add_rollout_check(*noun, context);
    add_plan(*noun, context);
    add_rollout_steering(*noun, context);
    CLI::App* listing = noun->add_subcommand("list", "list the rollouts, newest first");
    auto words = add_list_options(
        *listing, context,
        {{"--state", "state", "only running, paused, halted, finished, backed-out …"},
         {"--entry", "entry", "only rollouts of this entry"},
         {"--name", "name", "only rollouts of this definition"}});
    listing->callback([&context, words] { print_rollouts(context, list_request(*words)); });
    add_status(*noun, context);
    add_rollout_show(*noun, context);
    add_rollout_log(*noun, context);
    add_host_report(*noun, context);
    add_internal(app, context);
}

}  // namespace patchlab::cli
