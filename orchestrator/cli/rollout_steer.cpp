// SPDX-License-Identifier: Apache-2.0
//
// The verbs that change a rollout: start, pause, resume, abort, back-out.
#include <iostream>

#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

struct SteeringWords {
    std::string file, entry, simulation, id, reason;
    bool detach = false, now = false;
};

/// Asks for it, then prints what became of the rollout; its id alone when it goes on in a process
/// of its own.
void go(Context& context, const std::string& operation, Json request, bool detach) {
    request["detach"] = detach;
    const Json status = context.invoke(operation, request);
    context.print(status, [&] {
        if (detach) std::cout << status.at("id").get<std::string>() << "\n";
        else print_status(status, false);
    });
}

void add_id(CLI::App& verb, SteeringWords& words) {
    verb.add_option("ROLLOUT", words.id, "the rollout")->required();
}

void add_start(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("start", "bring an entry to its hosts, ring by ring");
    auto words = std::make_shared<SteeringWords>();
    verb->add_option("FILE", words->file, "the rollout's YAML file")->required();
    verb->add_option("--entry", words->entry, "the catalog entry")->required();
    verb->add_option("--simulate", words->simulation,
                     "on hosts that exist in this script alone (JSON)")
        ->type_name("FILE");
    verb->add_flag("--detach", words->detach, "return at once; it goes on in a process of its own");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request{{"entry", words->entry}};
        put_definition(request, words->file);
        put(request, "simulation", words->simulation);
        go(context, "rollout.start", request, words->detach);
    });
}

void add_pause(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("pause", "stop after the hosts that are being worked on");
    auto words = std::make_shared<SteeringWords>();
    add_id(*verb, *words);
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        const Json done = context.invoke("rollout.pause", {{"rollout", words->id}});
        context.print(done, [&] { std::cout << done.at("done").get<std::string>() << "\n"; });
    });
}

void add_rollout_resume(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "resume", "go on with a rollout that was paused, or whose process was lost");
    auto words = std::make_shared<SteeringWords>();
    add_id(*verb, *words);
    verb->add_flag("--detach", words->detach, "return at once; it goes on in a process of its own");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        go(context, "rollout.resume", {{"rollout", words->id}}, words->detach);
    });
}

void add_abort(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("abort", "end it for good; hosts that are patched stay so");
    auto words = std::make_shared<SteeringWords>();
    add_id(*verb, *words);
    auto caution = add_caution(*verb);
    add_json_flag(*verb, context);
    verb->callback([&context, words, caution] {
        if (!go_ahead(context, *caution,
                      "end rollout " + words->id + "; hosts that are patched stay so"))
            return;
        const Json outcome = context.invoke("rollout.abort", {{"rollout", words->id}});
        context.print(outcome, [&] {
            if (outcome.contains("done"))
                std::cout << outcome.at("done").get<std::string>() << "\n";
            else print_status(outcome, false);
        });
    });
}

/// What becomes of the entry: where hosts follow a channel, it goes back only as a whole.
std::string entry_text(const Json& status) {
    const std::string entry = status.at("entry").get<std::string>();
    if (status.at("mode") != "pull") return "; entry " + entry + " stays offered";
    const bool healthy = status.at("failed").get<std::int64_t>() == 0;
    return healthy ? ", and recall entry " + entry + " (patchlab catalog release offers it again)"
                   : ", and quarantine entry " + entry + " for good";
}

/// What it would do, with how many hosts.
std::string back_out_text(Context& context, const std::string& id) {
    const Json status = context.invoke("rollout.status", {{"rollout", id}});
    const Json& counts = status.at("counts");
    std::int64_t hosts = 0;
    for (const char* state : {"done", "failed", "back-out-failed"})
        hosts += counts.value(state, std::int64_t{0});
    return "take " + count_text(hosts, "host") + " of rollout " +
           status.at("id").get<std::string>() + " back to the versions from before" +
           entry_text(status);
}

void add_back_out(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "back-out",
        "every patched host back to its exact versions from before, the last ring first");
    auto words = std::make_shared<SteeringWords>();
    add_id(*verb, *words);
    verb->add_option("--reason", words->reason, "why");
    verb->add_flag("--now", words->now, "without waiting for windows");
    verb->add_flag("--detach", words->detach, "return at once; it goes on in a process of its own");
    auto caution = add_caution(*verb);
    add_json_flag(*verb, context);
    verb->callback([&context, words, caution] {
        // with --yes alone nobody reads it
        const bool told = caution->dry_run || !caution->yes;
        const std::string what = told ? back_out_text(context, words->id) : "";
        if (!go_ahead(context, *caution, what)) return;
        Json request{{"rollout", words->id}, {"now", words->now}};
        put(request, "reason", words->reason);
        go(context, "rollout.back_out", request, words->detach);
    });
}

}  // namespace

void add_rollout_steering(CLI::App& noun, Context& context) {
    add_start(noun, context);
    add_pause(noun, context);
    add_rollout_resume(noun, context);
    add_abort(noun, context);
    add_back_out(noun, context);
}

}  // namespace patchlab::cli
