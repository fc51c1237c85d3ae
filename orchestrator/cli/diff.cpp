// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

struct DiffOptions {
    std::string run;
    bool unexplained = false, sensitive = false, review = false;
    std::string machine;
    std::vector<std::string> classes;  ///< empty: all
};

/// An empty table would look like "nothing changed", also where nobody looked.
std::string nothing_listed(const JsonReader& diff, const DiffOptions& options) {
    if (!diff.boolean("compared"))
        return "nothing was compared: the run did not get so far (" +
               diff.string_or("verdict", "no verdict") + ", see: patchlab run show " + options.run +
               ")";
    const char* kind = options.unexplained ? " is unexplained" : "";
    if (options.sensitive)
        kind = options.unexplained ? " is unexplained or sensitive" : " is sensitive";
    if (options.review) kind = " is to be looked at";
    const std::int64_t sensitive = diff.integer("sensitive");
    const bool more = options.unexplained && !options.sensitive && sensitive > 0;
    return "no change" + (options.classes.empty() ? "" : " of class " + joined(options.classes)) +
           (options.machine.empty() ? "" : " on " + options.machine) + kind +
           (more ? "; " + count_text(sensitive, "is", "are") + " sensitive: patchlab diff " +
                       options.run + " --review"
                 : "");
}

/// Set beside what the verdict rests on.
bool is_finding(const JsonReader& change) {
    return change.string("attribution") == "unexplained" || change.boolean_or("sensitive", false);
}

const char* sign_of(const std::string& change) {
    if (change == "added") return "+";
    if (change == "removed") return "-";
    return change == "unreadable" ? "?" : "~";
}

void diff(Context& context, const DiffOptions& options) {
    Json request{{"run", options.run},
                 {"unexplained", options.unexplained},
                 {"review", options.review},
                 {"sensitive", options.sensitive},
                 {"classes", options.classes}};
    if (!options.machine.empty()) request["machine"] = options.machine;
    const Json document = context.invoke("run.diff", request);
    context.print(document, [&] {
        const JsonReader diff(document, "diff");
        Rows rows;
        for (const JsonReader& change : diff.objects("items"))
            rows.push_back(
                {std::string(sign_of(change.string("change"))) + (is_finding(change) ? " !" : ""),
                 change.string("machine"), change.string("class"), change.string("subject"),
                 change.string("attribution"), change.string_or("why", "")});
        if (rows.empty()) std::cout << nothing_listed(diff, options) << "\n";
        else print_table(context, {" ", "MACHINE", "CLASS", "SUBJECT", "BY", "WHY"}, rows);
    });
}

}  // namespace

void add_diff(CLI::App& app, Context& context) {
    CLI::App* verb = app.add_subcommand("diff", "what a run changed, and what explains it");
    auto options = std::make_shared<DiffOptions>();
    verb->add_option("RUN", options->run,
                     "the run: its id, the beginning of it, its number, or @last")
        ->required();
    verb->add_flag("--unexplained", options->unexplained,
                   "only what no package of the patch explains");
    verb->add_flag("--sensitive", options->sensitive,
                   "only what is sensitive: ports, setuid files, users, keys, timers and the like");
    verb->add_flag("--review", options->review,
                   "only what the verdict rests on: what is unexplained or sensitive");
    verb->add_option("--machine", options->machine, "only this machine");
    verb->add_option("--class", options->classes,
                     "only changes of this class, as the table names it (may be repeated)");
    add_output_options(*verb, context);
    add_examples(*verb, {"patchlab diff @last --review", "patchlab diff 0004 --class port --json"});
    verb->callback([&context, options] { diff(context, *options); });
}

}  // namespace patchlab::cli
