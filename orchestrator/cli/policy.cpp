// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/urgency_view.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

void add_policy_check(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("check", "check a policy: every mistake, with file, line and path");
    auto file = std::make_shared<std::string>();
    verb->add_option("FILE", *file, "the policy's YAML file")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        Json request;
        put_definition(request, *file);
        const Json found = context.invoke("policy.check", request);
        if (!context.json) throw_mistakes(found, "checking policy " + *file);
        context.print(found, [&] {
            std::cout << "policy '" << found.at("name").get<std::string>() << "' is well defined\n";
        });
    });
}

void add_policy_add(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "add", "put a policy in force from now on; the ones before it stay on record");
    auto file = std::make_shared<std::string>();
    auto builtin = std::make_shared<std::string>();
    CLI::Option* from_file = verb->add_option("FILE", *file, "the policy's YAML file");
    verb->add_option("--builtin", *builtin, "one that ships: default or strict")
        ->check(CLI::IsMember({"default", "strict"}))
        ->excludes(from_file);
    add_json_flag(*verb, context);
    verb->callback([&context, file, builtin] {
        Json request = Json::object();
        if (!file->empty()) put_definition(request, *file);
        put(request, "builtin", *builtin);
        const Json added = context.invoke("policy.add", request);
        context.print(added, [&] {
            std::cout << "policy '" << added.at("name").get<std::string>() << "' is in force ("
                      << added.at("digest").get<std::string>().substr(0, 12) << ")\n";
        });
    });
}

void add_policy_list(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("list", "list the policies, oldest first; the last one is in force");
    auto words =
        add_list_options(*verb, context, {{"--name", "name", "only policies of this name"}});
    verb->callback([&context, words] {
        const Json document = context.invoke("policy.list", list_request(*words));
        print_list(
            context, document, "policies", {"POLICY", "DIGEST", "STATE", "ADDED", "BY"},
            [](const JsonReader& policy) {
                return Cells{policy.string("name"), policy.string("digest").substr(0, 12),
                             policy.boolean("in_force") ? "in force" : "replaced",
                             policy.string_or("added", "built in"),
                             policy.string_or("added_by", "")};
            },
            "No policies.");
    });
}

void add_policy_show(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("show", "show the text of the policy in force, or of another one");
    auto wanted = std::make_shared<std::string>();
    verb->add_option("NAME", *wanted, "its name, or the beginning of its digest");
    add_output_options(*verb, context);
    verb->callback([&context, wanted] {
        Json request = Json::object();
        put(request, "policy", *wanted);
        const Json policy = context.invoke("policy.show", request);
        context.print(policy, [&] { std::cout << policy.at("text").get<std::string>(); });
    });
}

Style style_of_requirement(const std::string& state) {
    if (state == "passed") return Style::good;
    return state == "waived" ? Style::unsure : Style::bad;
}

void print_requirement(const JsonReader& requirement) {
    const std::string state = requirement.string("type");
    std::cout << Span(padded(state, 8), style_of_requirement(state)) << " "
              << one_line(requirement.string("id")) << ": "
              << one_line(requirement.string("detail")) << "\n";
    if (requirement.boolean("satisfied")) return;
    for (const std::string& evidence : requirement.strings("evidence"))
        std::cout << "           looked at " << one_line(evidence) << "\n";
}

/// A line for each requirement, what is open first, with what it was answered from; then the sum of
/// it.
void print_decision(const JsonReader& decision) {
    const JsonReader policy = decision.object("policy");
    std::cout << "run " << decision.string("run") << " under policy '" << policy.string("name")
              << "' (" << policy.string("digest").substr(0, 12) << ")\n";
    for (const bool satisfied : {false, true})
        for (const JsonReader& requirement : decision.objects("requirements"))
            if (requirement.boolean("satisfied") == satisfied) print_requirement(requirement);
    for (const std::string& warning : decision.strings_or_empty("warnings"))
        std::cout << Span("warning ", Style::unsure) << " " << one_line(warning) << "\n";
    for (const JsonReader& patch : decision.objects("background"))
        std::cout << "earlier  " << history_text(patch.object("history")) << "\n";
    std::cout << one_line(decision.string("summary")) << "\n";
}

void add_explain(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("explain",
                                         "why a run may or may not be promoted, requirement by "
                                         "requirement; exit 0 it may, 1 it may not");
    auto run = std::make_shared<std::string>();
    auto file = std::make_shared<std::string>();
    verb->add_option("RUN", *run, "the run")->required();
    verb->add_option("--policy", *file, "decide as if this policy were in force")
        ->type_name("FILE");
    add_json_flag(*verb, context);
    verb->callback([&context, run, file] {
        Json request{{"run", *run}};
        if (!file->empty()) put_definition(request, *file);
        const Json decision = context.invoke("policy.explain", request);
        context.print(decision, [&] { print_decision(JsonReader(decision, "decision")); });
    });
}

}  // namespace

void add_policy(CLI::App& app, Context& context) {
    CLI::App* noun =
        app.add_subcommand("policy", "which runs may be promoted, and who must approve");
    noun->require_subcommand(1);
    add_policy_check(*noun, context);
    add_explain(*noun, context);
    add_policy_add(*noun, context);
    add_policy_list(*noun, context);
    add_policy_show(*noun, context);
}

}  // namespace patchlab::cli
