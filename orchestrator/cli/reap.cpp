// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/context.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/pipeline/run/reaper.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"

namespace patchlab::cli {

void add_reap(CLI::App& app, Context& context) {
    CLI::App* verb = app.add_subcommand("reap", "release whatever a crash left behind");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        auto reaped = pipeline::reap(context.state());
        pipeline::RunStore(context.state(), context.database()).sync();
        images::ImageStore(context.state(), context.database()).collect();
        const catalog::NoInventory nobody;
        for (const std::string& one :
             catalog::Catalog(context.governance(), context.commands(), nobody).reap())
            reaped.push_back({"catalog:", one});
        Json items = Json::array();
        for (const pipeline::Reaped& item : reaped)
            items.push_back({{"what", item.what}, {"subject", item.subject}});
        context.print({{"schema", "patchlab/reaped/v1"}, {"released", items}}, [&] {
            for (const pipeline::Reaped& item : reaped)
                std::cout << "released " << item.what << " " << item.subject << "\n";
            if (reaped.empty()) std::cout << "nothing was left behind\n";
        });
    });
}

}  // namespace patchlab::cli
