// SPDX-License-Identifier: Apache-2.0
//
// The inventory: hosts of production, what was seen of them, and what each needs.
#include <iostream>

#include "orchestrator/assessment/window.hpp"
#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

void add_host_remove(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("remove", "forget a host and its scans");
    auto name = std::make_shared<std::string>();
    verb->add_option("HOST", *name, "the host")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, name] {
        const Json removed = context.invoke("inventory.remove", {{"host", *name}});
        context.print(removed, [&] { std::cout << "host " << *name << " removed\n"; });
    });
}

void add_groups(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("groups", "list the groups and how many hosts each has");
    auto words = add_list_options(*verb, context, {});
    verb->callback([&context, words] {
        const Json document = context.invoke("inventory.groups", list_request(*words));
        print_list(
            context, document, "groups", {"GROUP", "HOSTS"},
            [](const JsonReader& group) {
                return Cells{group.string("name"), std::to_string(group.integer("hosts"))};
            },
            "No host is in a group.");
    });
}

void print_windows(Context& context, const Json& document) {
    context.print(document, [&] {
        Rows rows;
        for (const auto& [name, value] : document.at("windows").items()) {
            const assessment::Window window = assessment::window_from_json(value);
            const std::size_t except = window.except.size();
            rows.push_back(
                {name, assessment::describe(window), except == 0 ? "" : count_text(except, "day")});
        }
        if (rows.empty())
            print_hint(context, "No windows. Add some with: patchlab inventory window add FILE");
        else print_table(context, {"WINDOW", "OPEN", "EXCEPT"}, rows);
    });
}

void add_inventory_window(CLI::App& noun, Context& context) {
    CLI::App* window = noun.add_subcommand("window", "maintenance windows that hosts refer to");
    window->require_subcommand(1);
    auto word = std::make_shared<std::string>();

    CLI::App* adding =
        window->add_subcommand("add", "add windows from a file, or replace those of the same name");
    adding->add_option("FILE", *word, "YAML, schema patchlab/windows/v1")->required();
    add_json_flag(*adding, context);
    adding->callback([&context, word] {
        Json request;
        put_definition(request, *word);
        print_windows(context, context.invoke("inventory.window_add", request));
    });

    CLI::App* listing = window->add_subcommand("list", "list the windows");
    add_output_options(*listing, context);
    listing->callback([&context] {
        print_windows(context, context.invoke("inventory.window_list", Json::object()));
    });

    CLI::App* removing = window->add_subcommand("remove", "remove a window that no host names");
    removing->add_option("NAME", *word, "the window")->required();
    add_json_flag(*removing, context);
    removing->callback([&context, word] {
        const Json removed = context.invoke("inventory.window_remove", {{"window", *word}});
        context.print(removed, [&] { std::cout << "window " << *word << " removed\n"; });
    });
}

}  // namespace

void add_inventory(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "inventory", "hosts of production: what they are, what was seen of them, what each needs");
    noun->require_subcommand(1);
    add_inventory_sources(*noun, context);
    add_inventory_window(*noun, context);

    auto words = std::make_shared<HostWords>();
    CLI::App* listing = noun->add_subcommand("list", "list the hosts, by name");
    add_host_words(*listing, *words, true);
    auto filter = add_list_options(*listing, context,
                                   {{"--tag", "tags", "only hosts with this tag"},
                                    {"--owner", "owners", "only hosts of this owner"},
                                    {"--reboot", "reboot", "only yes, no or unknown"}});
    listing->callback([&context, words, filter] {
        print_hosts(context, list_request(*filter, request_of(*words)));
    });

    auto name = std::make_shared<std::string>();
    CLI::App* show = noun->add_subcommand(
        "show", "tell everything about a host: what runs on it, what it needs");
    show->add_option("HOST", *name, "the host")->required();
    auto packages = std::make_shared<bool>(false);
    show->add_flag("--packages", *packages, "also list the packages");
    add_output_options(*show, context);
    show->callback([&context, name, packages] { print_host(context, *name, *packages); });

    add_groups(*noun, context);
    add_inventory_needed(*noun, context);
    add_inventory_fidelity(*noun, context);
    add_host_remove(*noun, context);
}

}  // namespace patchlab::cli
