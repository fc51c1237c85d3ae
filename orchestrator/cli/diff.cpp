// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

struct DiffOptions {
    std::string run;
    bool unexplained = false;
    std::string machine;
    std::vector<std::string> classes;  ///< empty: all
};

/// An empty table would look like "nothing changed", also where nobody looked.
std::string nothing_listed(const JsonReader& diff, const DiffOptions& options) {
    if (!diff.boolean("compared"))
        return "nothing was compared: the run did not get so far (" +
               diff.string_or("verdict", "no verdict") + ", see: patchlab run show " + options.run +
               ")";
    return "no change" + (options.classes.empty() ? "" : " of class " + joined(options.classes)) +
           (options.machine.empty() ? "" : " on " + options.machine) +
           (options.unexplained ? " is unexplained" : "");
}

const char* sign_of(const std::string& change) {
    if (change == "added") return "+";
    if (change == "removed") return "-";
    return change == "unreadable" ? "?" : "~";
}

void diff(Context& context, const DiffOptions& options) {
    Json request{
        {"run", options.run}, {"unexplained", options.unexplained}, {"classes", options.classes}};
    if (!options.machine.empty()) request["machine"] = options.machine;
    const Json document = context.invoke("run.diff", request);
    context.print(document, [&] {
        const JsonReader diff(document, "diff");
        std::vector<std::vector<std::string>> rows;
        for (const JsonReader& change : diff.objects("items"))
            rows.push_back({sign_of(change.string("change")), change.string("machine"),
                            change.string("class"), change.string("subject"),
                            change.string("attribution"), change.string_or("why", "")});
        if (rows.empty()) std::cout << nothing_listed(diff, options) << "\n";
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
