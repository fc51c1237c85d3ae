// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/operations/watch_junit.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

struct WatchWords {
    std::string file, name, junit;
    std::vector<std::string> only;
    bool once = false;
};

void print_lab(const std::string& watch, const JsonReader& lab) {
    const std::string where = watch + ", lab " + lab.string("lab") + ": ";
    for (const std::string& patch : lab.strings("found"))
        std::cout << where << "new " << patch << "\n";
    for (const JsonReader& taken : lab.objects("retracted")) {
        std::cout << where << "entry " << taken.string("entry")
                  << " is in quarantine: " << taken.string("reason") << "\n";
        if (taken.has("backout")) std::cout << "  back out: " << taken.string("backout") << "\n";
    }
    if (lab.has("why")) std::cout << where << lab.string("why") << "\n";
    if (lab.has("waits")) std::cout << where << "waits: " << lab.string("waits") << "\n";
}

void print_look(const Json& document) {
    const JsonReader look(document, "look");
    for (const JsonReader& suite : look.objects("suites"))
        if (suite.has("trouble"))
            std::cout << "suite " << suite.string("suite") << ": " << suite.string("trouble")
                      << "; next look at " << suite.string_or("next_try_at", "the next turn")
                      << "\n";
    for (const JsonReader& watch : look.objects("watches"))
        for (const JsonReader& lab : watch.objects("labs"))
            print_lab("watch " + watch.string("watch"), lab);
    for (const JsonReader& campaign : look.objects("campaigns"))
        std::cout << "campaign " << campaign.string("id") << "  (lab " << campaign.string("lab")
                  << "): " << campaign.string("state") << " "
                  << campaign.string_or("verdict", "without a verdict yet") << "\n";
}

/// The shortest interval of all watches; a minute where there is none.
double interval_of(const Json& look) {
    double shortest = 0;
    for (const JsonReader& watch : JsonReader(look, "look").objects("watches"))
        if (const double every = watch.number("every_seconds"); shortest == 0 || every < shortest)
            shortest = every;
    return shortest == 0 ? 60 : shortest;
}

void write_junit(const WatchWords& words, const Json& look) {
    if (!words.junit.empty()) write_file_atomic(words.junit, operations::junit_of_look(look), 0644);
}

void look_once(Context& context, const WatchWords& words) {
    Json request = Json::object();
    put(request, "watches", words.only);
    const Json look = context.invoke("watch.look", request);
    write_junit(words, look);
    context.print(look, [&] { print_look(look); });
}

/// Looks for ever; campaigns work in processes of their own. What goes wrong once is printed, and
/// the next look tries again.
void look_for_ever(Context& context, const WatchWords& words) {
    Json request{{"detach", true}};
    put(request, "watches", words.only);
    double pause = 60;
    while (!context.events().interrupted()) {
        try {
            const Json look = context.invoke("watch.look", request);
            write_junit(words, look);
            context.progress_done();
            context.print(look, [&] { print_look(look); });
            std::cout.flush();
            pause = interval_of(look);
            for (const JsonReader& campaign : JsonReader(look, "look").objects("campaigns"))
                if (campaign.string("state") == "running") pause = std::min(pause, 10.0);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::not_allowed || error.code() == ErrorCode::usage) throw;
            context.progress_done();
            std::cerr << "patchlab: " << error.what() << std::endl;
        }
        const Deadline next{Seconds(pause)};
        while (!next.passed() && !context.events().interrupted())
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    context.exit = 0;
}

void add_file_verb(CLI::App& noun, Context& context, const char* verb_name, const char* help) {
    CLI::App* verb = noun.add_subcommand(verb_name, help);
    auto words = std::make_shared<WatchWords>();
    verb->add_option("FILE", words->file, "the watch's YAML file")->required();
    add_json_flag(*verb, context);
    const bool adds = std::string_view(verb_name) == "add";
    verb->callback([&context, words, adds] {
        Json request = Json::object();
        put_definition(request, words->file);
        const Json checked = context.invoke(adds ? "watch.add" : "watch.check", request);
        if (!adds && !context.json) throw_mistakes(checked, "checking watch " + words->file);
        context.print(checked, [&] {
            if (adds)
                std::cout << "watch '" << checked.at("watch").get<std::string>() << "' added\n";
            else
                std::cout << "watch '" << checked.at("name").get<std::string>()
                          << "' has no mistake\n";
        });
    });
}

void add_watch_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the watches");
    auto words = add_list_options(*verb, context, {{"--lab", "labs", "only watches of this lab"}});
    verb->callback([&context, words] {
        print_list(
            context, context.invoke("watch.list", list_request(*words)), "watches",
            {"WATCH", "LABS", "HOW", "EVERY", "WAITING", "STARTED", "JUDGED", "QUIET UNTIL",
             wide("BY"), wide("ADDED")},
            [](const JsonReader& watch) -> Cells {
                const JsonReader counts = watch.object("candidates");
                return {watch.string("name"),
                        joined(watch.strings("labs")),
                        watch.string("how"),
                        duration_text(watch.number("every_seconds")),
                        std::to_string(counts.integer("waiting")),
                        std::to_string(counts.integer("started")),
                        std::to_string(counts.integer("judged")),
                        watch.string_or("quiet_until", ""),
                        watch.string("requester"),
                        watch.string("created_at")};
            },
            "No watches. Add one with: patchlab watch add FILE");
    });
}

void add_watch_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("show", "a watch, and every candidate that it found");
    auto words = std::make_shared<WatchWords>();
    verb->add_option("WATCH", words->name, "the watch")->required();
    add_output_options(*verb, context);
    verb->callback([&context, words] {
        const Json document = context.invoke("watch.show", {{"watch", words->name}});
        context.print(document, [&] {
            const JsonReader watch(document, "watch");
            std::cout << "watch    " << watch.string("name") << "\nlabs     "
                      << joined(watch.strings("labs")) << "\nhow      " << watch.string("how")
                      << ", every " << duration_text(watch.number("every_seconds")) << "\n\n";
            Rows rows;
            for (const JsonReader& one : watch.objects("found"))
                rows.push_back({one.string("patch"), one.string("lab"), one.string("found_at"),
                                one.string("state"), one.string_or("verdict", ""),
                                one.string_or("campaign", "")});
            print_table(context, {"PATCH", "LAB", "FOUND", "STATE", "VERDICT", "CAMPAIGN"}, rows);
        });
    });
}

void add_watch_remove(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("remove", "watch no more; what was found stays");
    auto words = std::make_shared<WatchWords>();
    verb->add_option("WATCH", words->name, "the watch")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        const Json removed = context.invoke("watch.remove", {{"watch", words->name}});
        context.print(removed, [&] { std::cout << "watch '" << words->name << "' removed\n"; });
    });
}

void add_looking(CLI::App& command, Context& context) {
    auto words = std::make_shared<WatchWords>();
    command.add_flag("--once", words->once,
                     "look once, judge what is new, and end with its verdict");
    command.add_option("--junit", words->junit, "write what was found to a JUnit file")
        ->type_name("FILE");
    command.add_option("--only", words->only, "only this watch (repeatable)")->type_name("WATCH");
    add_json_flag(command, context);
    command.callback([&command, &context, words] {
        if (!command.get_subcommands().empty()) return;  // one of its verbs
        if (words->once) look_once(context, *words);
        else look_for_ever(context, *words);
    });
}

}  // namespace

void add_watch(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "watch", "look at what vendors release for labs, and judge it; without a verb: for ever");
    add_looking(*noun, context);
    add_file_verb(*noun, context, "add", "watch what vendors release, as a file says");
    add_file_verb(*noun, context, "check", "every mistake of a watch, with file, line and path");
    add_watch_list(*noun, context);
    add_watch_show(*noun, context);
    add_watch_remove(*noun, context);
    CLI::App* same = noun->add_subcommand("watch", "the same as without a verb");
    same->group("");  // hidden
    add_looking(*same, context);
}

}  // namespace patchlab::cli
