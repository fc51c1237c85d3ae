// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

void add_reap(CLI::App& app, Context& context) {
    CLI::App* verb = app.add_subcommand("reap", "release whatever a crash left behind");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        const Json document = context.invoke("host.reap", Json::object());
        context.print(document, [&] {
            const auto released = JsonReader(document, "reaped").objects("released");
            for (const JsonReader& item : released)
                std::cout << "released " << item.string("what") << " " << item.string("subject")
                          << "\n";
            if (released.empty()) std::cout << "nothing was left behind\n";
        });
    });
}

}  // namespace patchlab::cli
