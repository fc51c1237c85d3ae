// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

void add_evidence_export(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "export",
        "write the sealed evidence of a run as one file (.tar.zst), to keep elsewhere; the same "
        "evidence gives the same bytes");
    auto run = std::make_shared<std::string>();
    auto file = std::make_shared<std::string>();
    verb->add_option("RUN", *run, "the run")->required();
    verb->add_option("-o,--output", *file, "the file")->type_name("FILE")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, run, file] {
        const Json made = context.invoke("evidence.export", {{"run", *run}, {"file", *file}});
        context.print(made, [&] {
            const JsonReader out(made, "export");
            std::cout << "evidence of " << out.string("run") << " in " << out.string("file") << " ("
                      << size_text(out.integer("bytes")) << ")\n"
                      << "sha256   " << out.string("sha256") << "\n"
                      << "evidence " << out.string("digest") << "\n"
                      << "unpack it with tar --zstd -xf, then: patchlab evidence verify "
                      << out.string("folder") << "\n";
        });
    });
}

}  // namespace patchlab::cli
