// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "snapshots/change.hpp"

namespace patchlab::cli {

namespace {

struct DiffOptions {
    std::string run;
    bool unexplained = false;
    std::string machine;
    std::vector<std::string> classes;  ///< empty: all
};

/// An empty table would look like "nothing changed", also where nobody looked.
std::string nothing_listed(bool compared, const JsonReader& run, const DiffOptions& options) {
    if (!compared)
        return "nothing was compared: the run did not get so far (" +
               run.string_or("verdict", "no verdict") + ", see: patchlab run show " + options.run +
               ")";
    return "no change" + (options.classes.empty() ? "" : " of class " + joined(options.classes)) +
           (options.machine.empty() ? "" : " on " + options.machine) +
           (options.unexplained ? " is unexplained" : "");
}

void diff(Context& context, const DiffOptions& options) {
    pipeline::RunStore runs(context.state(), context.database());
    runs.get(options.run);
    const fs::path file = runs.folder(options.run).evidence() / "run.json";
    if (!fs::exists(file))
        throw Error(ErrorCode::not_found, "run " + options.run + " has no evidence yet",
                    "see: patchlab run show " + options.run);
    const Json document = read_json(file, 512U << 20);
    const JsonReader run(document, file.string());
    const auto machines = run.objects("machines");
    if (!options.machine.empty() &&
        std::none_of(machines.begin(), machines.end(), [&](const JsonReader& machine) {
            return machine.string("name") == options.machine;
        }))
        throw Error(ErrorCode::not_found,
                    "run " + options.run + " has no machine '" + options.machine + "'",
                    "see: patchlab run show " + options.run);
    for (const std::string& cls : options.classes)
        snapshots::change_class_from(cls);  // Error(invalid) for a word that is none
    const auto stages = run.objects("stages");
    const bool compared = std::any_of(stages.begin(), stages.end(), [](const JsonReader& stage) {
        return stage.string("name") == "compare" && stage.string("outcome") == "ok";
    });
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const JsonReader& change : run.object("changes").objects("items")) {
        const auto by = snapshots::Attribution::from_text(change.string("attribution"));
        if (options.unexplained && !by.is_unexplained()) continue;
        if (!options.machine.empty() && change.string("machine") != options.machine) continue;
        if (!options.classes.empty() &&
            std::count(options.classes.begin(), options.classes.end(), change.string("class")) == 0)
            continue;
        items.push_back(change.raw());
        const std::string kind = change.string("change");
        const char* sign = kind == "added"        ? "+"
                           : kind == "removed"    ? "-"
                           : kind == "unreadable" ? "?"
                                                  : "~";
        rows.push_back({sign, change.string("machine"), change.string("class"),
                        change.string("subject"), change.string("attribution"),
                        change.string_or("why", "")});
    }
    context.print(
        {{"schema", "patchlab/diff/v1"},
         {"run", options.run},
         {"compared", compared},
         {"items", items}},
        [&] {
            if (rows.empty()) std::cout << nothing_listed(compared, run, options) << "\n";
            else print_table(context, {" ", "MACHINE", "CLASS", "SUBJECT", "BY", "WHY"}, rows);
        });
}

}  // namespace

void add_diff(CLI::App& app, Context& context) {
    CLI::App* verb = app.add_subcommand("diff", "what a run changed, and what explains it");
    auto options = std::make_shared<DiffOptions>();
    verb->add_option("RUN", options->run, "the run's id")->required();
    verb->add_flag("--unexplained", options->unexplained,
                   "only what no package of the patch explains");
    verb->add_option("--machine", options->machine, "only this machine");
    verb->add_option("--class", options->classes,
                     "only changes of this class, as the table names it (may be repeated)");
    add_json_flag(*verb, context);
    verb->callback([&context, options] { diff(context, *options); });
}

}  // namespace patchlab::cli
