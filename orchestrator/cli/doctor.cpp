// SPDX-License-Identifier: Apache-2.0
//
// patchlab doctor: can this host run labs? Exit 0 when it can, 3 when not.
#include <iostream>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

namespace {

std::string word_of(const Json& ok) {
    if (ok.is_string()) return ok.get<std::string>();
    return ok.get<bool>() ? "ok" : "NO";
}

void print_diagnosis(Context& context, const JsonReader& found) {
    std::vector<std::vector<std::string>> rows;
    for (const JsonReader& check : found.objects("checks")) {
        rows.push_back({check.string("name"), word_of(check.raw("ok")), check.string("detail")});
        const std::string advice = check.string("advice");
        if (!advice.empty()) rows.push_back({"", "", "→ " + advice});
    }
    print_table(context, {"CHECK", "", "FOUND"}, rows);
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
    add_json_flag(*command, context);
    command->callback([&context] {
        const Json found = context.invoke("host.check", Json::object());
        context.print(found, [&] { print_diagnosis(context, JsonReader(found, "diagnosis")); });
    });
}

}  // namespace patchlab::cli
