// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/operations/campaign_process.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

struct CampaignWords {
    std::string id, budget;
    std::vector<std::string> labs, patches, suites;
    bool all_pending = false, smallest = false, detach = false, exit_code = false;
    bool no_drill = false, no_reboot_check = false, dependents = false;
    std::string queue;
};

bool is_count(const std::string& text) {
    return !text.empty() && text.size() < 6 &&
           text.find_first_not_of("0123456789") == std::string::npos;
}

/// "12": so many runs; "2h": no new run once the runs took so long.
void put_budget(Json& request, const std::string& budget) {
    if (budget.empty()) return;
    const auto length = parse_duration(budget);
    if (is_count(budget) && std::stoul(budget) > 0) request["budget_runs"] = std::stoul(budget);
    else if (length && length->count() >= 1) request["budget_seconds"] = length->count();
    else
        throw Error(ErrorCode::usage, "'" + budget.substr(0, 40) + "' is no budget",
                    "give a number of runs (12) or " + std::string(duration_form));
}

void print_patches(Context& context, const JsonReader& campaign) {
    Rows rows;
    for (const JsonReader& patch : campaign.objects("patches")) {
        std::string runs;
        for (const JsonReader& one : patch.objects("evidence"))
            runs += (runs.empty() ? "" : ", ") + one.string("run");
        rows.push_back(
            {patch.string("id"), patch.string_or("verdict", "-"), patch.string("why"), runs});
    }
    print_table(context, {"PATCH", "VERDICT", "WHY", "EVIDENCE"}, rows);
}

void print_trials(Context& context, const JsonReader& campaign) {
    Rows rows;
    for (const JsonReader& trial : campaign.objects("trials"))
        rows.push_back({trial.string("run"), std::to_string(trial.strings("patches").size()),
                        trial.string("why"), trial.string_or("verdict", "-"),
                        duration_text(trial.number("seconds"))});
    if (!rows.empty()) print_table(context, {"RUN", "PATCHES", "ASKS", "VERDICT", "TOOK"}, rows);
}

void print_campaign(Context& context, const Json& document) {
    const JsonReader campaign(document, "campaign");
    const std::string id = campaign.string("id"), state = campaign.string("state");
    const std::string verdict = campaign.string_or("verdict", "");
    std::cout << "campaign " << id << "  (lab " << campaign.string("lab") << ")\n"
              << "state    " << state;
    if (const std::string why = campaign.string_or("reason", ""); !why.empty())
        std::cout << ": " << why;
    if (const auto left = campaign.integer("runs_to_go_at_most"); left > 0)
        std::cout << ", at most " << count_text(left, "run") << " to go";
    std::cout << "\n";
    if (!verdict.empty())
        std::cout << "verdict  " << Span(verdict, style_of_verdict(verdict)) << "\n";
    const JsonReader proven = campaign.object("proven");
    if (const auto count = proven.strings("patches").size(); count > 0)
        std::cout << "proven   " << count_text(count, "patch", "patches") << " together in run "
                  << proven.string("run") << "\n";
    std::cout << "\n";
    print_patches(context, campaign);
    std::cout << "\n";
    print_trials(context, campaign);
    if (state == "stopped" || state == "interrupted")
        std::cout << "\nnext     patchlab campaign resume " << id << "\n";
    else if (proven.has("run"))
        std::cout << "\nnext     patchlab approve " << proven.string("run") << "\n";
}

/// A verdict for each patch over all labs, and the campaign of each lab.
void print_joint(Context& context, const Json& document) {
    const JsonReader joint(document, "campaigns");
    Rows rows;
    for (const JsonReader& patch : joint.objects("patches")) {
        std::string labs;
        for (const JsonReader& lab : patch.objects("labs"))
            labs += (labs.empty() ? "" : ", ") + lab.string("lab") + ": " +
                    lab.string_or("verdict", "-");
        rows.push_back({patch.string("id"), patch.string_or("verdict", "-"), labs});
    }
    print_table(context, {"PATCH", "VERDICT", "LABS"}, rows);
    std::cout << "\n";
    for (const JsonReader& campaign : joint.objects("campaigns"))
        std::cout << "campaign " << campaign.string("id") << "  (lab " << campaign.string("lab")
                  << "): " << campaign.string("state") << " "
                  << campaign.string_or("verdict", "without a verdict yet") << "\n";
}

/// A document, or the ids of what was started alone.
void print_started(Context& context, const Json& document) {
    context.print(document, [&] {
        if (document.contains("campaigns")) return print_joint(context, document);
        if (document.contains("ids")) {
            for (const Json& id : document.at("ids")) std::cout << id.get<std::string>() << "\n";
            return;
        }
        if (document.contains("patches")) return print_campaign(context, document);
        const JsonReader started(document, "campaign");
        if (started.has("id")) std::cout << started.string("id") << "\n";
    });
}

void add_start(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "start", "judge many patches with few runs; the exit code is the worst verdict");
    auto words = std::make_shared<CampaignWords>();
    verb->add_option("--lab", words->labs,
                     "the lab (repeatable: each patch is judged in every lab that needs it)")
        ->required();
    verb->add_option("--patch", words->patches, "a candidate patch (repeatable)");
    verb->add_flag("--all-pending", words->all_pending,
                   "fetch what the vendor has pending for the lab, and judge all of it");
    verb->add_option("--suite", words->suites,
                     "a suite to run on every machine besides its own (repeatable)");
    verb->add_flag("--dependents", words->dependents,
                   "run the suites of what depends on the patches in the images, too");
    verb->add_option("--budget", words->budget,
                     "stop after so many runs (12), or start none after so long (2h)");
    verb->add_flag("--smallest", words->smallest,
                   "find the smallest sets that fail, even if that takes many more runs");
    verb->add_flag("--no-drill", words->no_drill, "leave out the rollback drill");
    verb->add_flag("--no-reboot-check", words->no_reboot_check, "leave out the reboot check");
    verb->add_flag("--detach", words->detach, "print the campaign's id and return");
    add_queue(*verb, words->queue);
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request{{"lab", words->labs.front()},  {"all_pending", words->all_pending},
                     {"smallest", words->smallest}, {"dependents", words->dependents},
                     {"drill", !words->no_drill},   {"reboot_check", !words->no_reboot_check},
                     {"detach", words->detach}};
        if (words->labs.size() > 1) request["labs"] = words->labs;
        put(request, "patches", words->patches);
        put(request, "suites", words->suites);
        if (!words->queue.empty()) request["queue"] = words->queue;
        put_budget(request, words->budget);
        print_started(context, context.invoke("campaign.start", request));
    });
}

void add_campaign_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the campaigns, newest first");
    auto words = add_list_options(
        *verb, context,
        {{"--lab", "lab", "only campaigns in this lab"},
         {"--state", "state", "only running, interrupted, stopped, finished or cancelled"},
         {"--verdict", "verdict", "only validated, needs-review, rejected or inconclusive"},
         {"--user", "requester", "only campaigns that this user asked for"}});
    verb->callback([&context, words] {
        print_list(
            context, context.invoke("campaign.list", list_request(*words)), "campaigns",
            {"CAMPAIGN", "LAB", "PATCHES", "PROVEN", "RUNS", "STATE", "VERDICT", "CREATED",
             wide("BY"), wide("WATCH")},
            [](const JsonReader& one) -> Cells {
                return {one.string("id"),
                        one.string("lab"),
                        std::to_string(one.integer("patch_count")),
                        std::to_string(one.integer("proven_count")),
                        std::to_string(one.integer("run_count")),
                        one.string("state"),
                        one.string_or("verdict", ""),
                        one.string("created_at"),
                        one.string("requester"),
                        one.string_or("watch", "")};
            },
            "No campaigns. Start one with: patchlab campaign start --lab LAB --all-pending");
    });
}

CLI::Option* add_campaign_id(CLI::App& verb, std::string& id) {
    return verb
        .add_option("CAMPAIGN", id,
                    "the campaign: its id, the beginning of it, its number, or @last")
        ->required();
}

void add_campaign_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "show", "a verdict for each patch, the set proven together, and the runs behind it");
    auto words = std::make_shared<CampaignWords>();
    add_campaign_id(*verb, words->id);
    verb->add_flag("--exit-code", words->exit_code, "the exit code is the worst verdict");
    add_output_options(*verb, context);
    verb->callback([&context, words] {
        const Json document = context.invoke(
            "campaign.show", {{"campaign", words->id}, {"exit_code", words->exit_code}});
        context.print(document, [&] { print_campaign(context, document); });
    });
}

void add_campaign_steering(CLI::App& noun, Context& context) {
    CLI::App* cancel = noun.add_subcommand("cancel", "end a campaign; what was found stays");
    auto words = std::make_shared<CampaignWords>();
    add_campaign_id(*cancel, words->id);
    add_json_flag(*cancel, context);
    cancel->callback([&context, words] {
        const Json done = context.invoke("campaign.cancel", {{"campaign", words->id}});
        context.print(done, [&] {
            std::cout << "campaign " << done.at("campaign").get<std::string>() << " cancelled\n";
        });
    });
    CLI::App* resume =
        noun.add_subcommand("resume", "take up a campaign that stopped or lost its process");
    auto more = std::make_shared<CampaignWords>();
    add_campaign_id(*resume, more->id);
    resume->add_option("--budget", more->budget, "the new budget of the whole: runs or a duration");
    resume->add_flag("--detach", more->detach, "print the campaign's id and return");
    add_json_flag(*resume, context);
    resume->callback([&context, more] {
        Json request{{"campaign", more->id}, {"detach", more->detach}};
        put_budget(request, more->budget);
        print_started(context, context.invoke("campaign.resume", request));
    });
}

/// The process of a detached campaign: no operation, whoever asked for it was authorised then.
void add_campaign_driver(CLI::App& app, Context& context) {
    CLI::App* verb = app.add_subcommand("internal-campaign",
                                        "works on one campaign; started by patchlab itself");
    verb->group("");  // hidden
    auto words = std::make_shared<CampaignWords>();
    verb->add_option("CAMPAIGN", words->id)->required();
    verb->callback([&context, words] {
        context.exit = operations::campaign_process(context.session(), context.events(), words->id);
    });
}

}  // namespace

void add_campaign(CLI::App& app, Context& context) {
    CLI::App* noun =
        app.add_subcommand("campaign", "judge many patches with as few runs as possible");
    noun->require_subcommand(1);
    add_start(*noun, context);
    add_campaign_list(*noun, context);
    add_campaign_show(*noun, context);
    add_campaign_steering(*noun, context);
    add_campaign_driver(app, context);
}

}  // namespace patchlab::cli
