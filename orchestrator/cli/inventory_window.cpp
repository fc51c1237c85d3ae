// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/inventory_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/inventory/windows_file.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

void print_windows(Context& context, const assessment::Windows& windows) {
    Json items = Json::object();
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, window] : windows) {
        items[name] = assessment::to_json(window);
        rows.push_back({name, assessment::describe(window),
                        window.except.empty()
                            ? ""
                            : std::to_string(window.except.size()) +
                                  (window.except.size() == 1 ? " day" : " days")});
    }
    context.print({{"schema", "patchlab/windows/v1"}, {"windows", items}}, [&] {
        if (rows.empty())
            std::cout << "No windows. Add some with: patchlab inventory window add FILE\n";
        else print_table(context, {"WINDOW", "OPEN", "EXCEPT"}, rows);
    });
}

void add_window(Context& context, const std::string& file) {
    Diagnostics mistakes;
    const assessment::Windows windows =
        inventory::parse_windows(read_file(file, 1U << 20), file, mistakes);
    mistakes.throw_if_any("reading " + file);
    change_inventory(context, "windows-added", "change maintenance windows", [&] {
        inventory::HostStore(context.database())
            .put_windows_inside(windows, context.governance().now());
        Json detail = Json::object();
        for (const auto& [name, window] : windows) detail[name] = assessment::to_json(window);
        return governance::AuditEvent{{}, {}, file, std::move(detail)};
    });
    print_windows(context, windows);
}

}  // namespace

void add_inventory_window(CLI::App& noun, Context& context) {
    CLI::App* window = noun.add_subcommand("window", "maintenance windows that hosts refer to");
    window->require_subcommand(1);
    auto word = std::make_shared<std::string>();

    CLI::App* adding =
        window->add_subcommand("add", "add windows from a file, or replace those of the same name");
    adding->add_option("FILE", *word, "YAML, schema patchlab/windows/v1")->required();
    add_json_flag(*adding, context);
    adding->callback([&context, word] { add_window(context, *word); });

    CLI::App* listing = window->add_subcommand("list", "list the windows");
    add_json_flag(*listing, context);
    listing->callback(
        [&context] { print_windows(context, inventory::HostStore(context.database()).windows()); });

    CLI::App* removing = window->add_subcommand("remove", "remove a window that no host names");
    removing->add_option("NAME", *word, "the window")->required();
    add_json_flag(*removing, context);
    removing->callback([&context, word] {
        change_inventory(context, "window-removed", "change maintenance windows", [&] {
            inventory::HostStore(context.database()).remove_window_inside(*word);
            return governance::AuditEvent{{}, {}, *word, Json::object()};
        });
        context.print({{"schema", "patchlab/window-removed/v1"}, {"window", *word}},
                      [&] { std::cout << "window " << *word << " removed\n"; });
    });
}

}  // namespace patchlab::cli
