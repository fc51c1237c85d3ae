// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/pipeline/lab/prepared_store.hpp"

namespace patchlab::cli {

namespace {

std::string megabytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

void list(Context& context) {
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const pipeline::PreparedSnapshot& snapshot :
         pipeline::list_snapshots(context.state(), context.database())) {
        items.push_back({{"digest", snapshot.digest},
                         {"lab", snapshot.lab},
                         {"checkpoint", snapshot.checkpoint},
                         {"bytes", snapshot.bytes},
                         {"current", snapshot.current},
                         {"in_use", snapshot.in_use}});
        rows.push_back({snapshot.digest.substr(0, 12), snapshot.lab, snapshot.checkpoint,
                        megabytes(snapshot.bytes),
                        snapshot.in_use    ? "in use"
                        : snapshot.current ? "current"
                                           : "outdated"});
    }
    context.print({{"schema", "patchlab/snapshots/v1"}, {"snapshots", items}}, [&] {
        print_table(context, {"SNAPSHOT", "LAB", "CHECKPOINT", "SIZE", "STATE"}, rows);
    });
}

void prune(Context& context) {
    images::ImageStore images(context.state(), context.database());
    Json items = Json::array();
    std::uint64_t freed = 0;
    for (const pipeline::PreparedSnapshot& snapshot :
         pipeline::prune_snapshots(context.state(), context.database())) {
        images.remove_reference("prepared lab " + snapshot.digest.substr(0, 12));
        items.push_back(snapshot.digest);
        freed += snapshot.bytes;
    }
    context.print({{"schema", "patchlab/pruned/v1"}, {"snapshots", items}, {"bytes", freed}}, [&] {
        std::cout << items.size() << " snapshots removed, " << megabytes(freed) << " freed\n";
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
