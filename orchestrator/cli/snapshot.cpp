// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

Cells snapshot_row(const JsonReader& snapshot) {
    const char* state = snapshot.boolean("current") ? "current" : "outdated";
    if (snapshot.boolean("in_use")) state = "in use";
    return {snapshot.string("digest").substr(0, 12), snapshot.string("lab"),
            snapshot.string("checkpoint"), size_text(snapshot.integer("bytes")), state};
}

void list(Context& context, const ListWords& words) {
    print_list(context, context.invoke("snapshot.list", list_request(words)), "snapshots",
               {"SNAPSHOT", "LAB", "CHECKPOINT", "SIZE", "STATE"}, snapshot_row,
               "No checkpoints. The first run of a lab makes one, or: patchlab lab prepare NAME");
}

void prune(Context& context) {
    const Json document = context.invoke("snapshot.prune", Json::object());
    context.print(document, [&] {
        std::cout << count_text(document.at("snapshots").size(), "snapshot") << " removed, "
                  << size_text(document.at("bytes").get<std::int64_t>()) << " freed\n";
    });
}

}  // namespace

void add_snapshot(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("snapshot", "the checkpoints of prepared labs");
    noun->require_subcommand(1);
    CLI::App* listing = noun->add_subcommand("list", "list the checkpoints");
    auto words =
        add_list_options(*listing, context, {{"--lab", "lab", "only checkpoints of this lab"}});
    listing->callback([&context, words] { list(context, *words); });
    CLI::App* pruning =
        noun->add_subcommand("prune", "remove the checkpoints that no lab of today would use");
    add_json_flag(*pruning, context);
    pruning->callback([&context] { prune(context); });
}

}  // namespace patchlab::cli
