// SPDX-License-Identifier: Apache-2.0
//
// patchlab doctor: can this host run labs? Exit 0 when it can, 3 when not. patchlab init: a state
// folder for them.
#include <iostream>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

namespace {

/// "NO" is seen in a long table.
std::string status_text(const std::string& status) { return status == "fail" ? "NO" : status; }

void print_diagnosis(Context& context, const JsonReader& found) {
    Rows rows;
    for (const JsonReader& check : found.objects("checks")) {
        rows.push_back(
            {check.string("name"), status_text(check.string("status")), check.string("detail")});
        const std::string advice = check.string_or("advice", "");
        if (!advice.empty()) rows.push_back({"", "", "→ " + advice});
    }
    print_table(context, {"CHECK", "STATUS", "FOUND"}, rows);
    std::cout << "\n"
              << (found.boolean("ready")
                      ? "This host can run labs."
                      : "This host cannot run labs yet; the arrows say what to do.")
              << "\n";
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand(
        "doctor", "can this host run labs? what is missing, and what to do about it");
    add_output_options(*command, context);
    command->callback([&context] {
        const Json found = context.invoke("host.check", Json::object());
        context.print(found, [&] { print_diagnosis(context, JsonReader(found, "diagnosis")); });
    });
}

void add_init(CLI::App& app, Context& context) {
    CLI::App* verb =
        app.add_subcommand("init", "make the state folder; whatever is added first makes it, too");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        const Json made = context.invoke("host.init", Json::object());
        context.print(made, [&] {
            std::cout << "the state is in " << made.at("state").get<std::string>() << "\n";
        });
    });
}

}  // namespace patchlab::cli
