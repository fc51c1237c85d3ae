// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

namespace {

std::string megabytes(std::int64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

void list(Context& context) {
    const Json document = context.invoke("snapshot.list", Json::object());
    context.print(document, [&] {
        std::vector<std::vector<std::string>> rows;
        for (const JsonReader& snapshot : JsonReader(document, "snapshots").objects("snapshots")) {
            const char* state = snapshot.boolean("current") ? "current" : "outdated";
            if (snapshot.boolean("in_use")) state = "in use";
            rows.push_back({snapshot.string("digest").substr(0, 12), snapshot.string("lab"),
                            snapshot.string("checkpoint"), megabytes(snapshot.integer("bytes")),
                            state});
        }
        print_table(context, {"SNAPSHOT", "LAB", "CHECKPOINT", "SIZE", "STATE"}, rows);
    });
}

void prune(Context& context) {
    const Json document = context.invoke("snapshot.prune", Json::object());
    context.print(document, [&] {
        std::cout << document.at("snapshots").size() << " snapshots removed, "
                  << megabytes(document.at("bytes").get<std::int64_t>()) << " freed\n";
    });
}

}  // namespace

void add_snapshot(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("snapshot", "the checkpoints of prepared labs");
    noun->require_subcommand(1);
    CLI::App* listing = noun->add_subcommand("list", "list the checkpoints");
    add_json_flag(*listing, context);
    listing->callback([&context] { list(context); });
    CLI::App* pruning =
        noun->add_subcommand("prune", "remove the checkpoints that no lab of today would use");
    add_json_flag(*pruning, context);
    pruning->callback([&context] { prune(context); });
}

}  // namespace patchlab::cli
