// SPDX-License-Identifier: Apache-2.0
//
// `run wait` and `run compare`: several runs looked at together.
#include <iostream>

#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

void add_wait(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "wait", "wait until runs are over; the exit code is that of the worst verdict");
    struct Words {
        std::vector<std::string> runs;
        double timeout = 0;
    };
    auto words = std::make_shared<Words>();
    verb->add_option("RUN", words->runs, "the runs")->required();
    add_duration(*verb, "--timeout", words->timeout,
                 "wait no longer than this; exit 3 when it has passed");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request{{"runs", words->runs}};
        if (words->timeout > 0) request["timeout"] = words->timeout;
        const Json document = context.invoke("run.wait", request);
        context.print(document, [&] {
            Rows rows;
            for (const JsonReader& run : JsonReader(document, "runs").objects("runs"))
                rows.push_back(
                    {run.string("id"), run.string("state"), run.string_or("verdict", "-")});
            print_table(context, {"RUN", "STATE", "VERDICT"}, rows);
        });
    });
}

void print_side(const JsonReader& run) {
    const std::string verdict = run.string_or("verdict", "");
    std::cout << run.string("id") << "  " << Span(verdict, style_of_verdict(verdict)) << "  "
              << joined(run.strings("patches")) << " in lab " << run.string("lab") << ", "
              << duration_text(run.number("seconds")) << "\n";
}

void add_rows(Rows& rows, const JsonReader& differing, const char* side, const char* sign,
              const char* what) {
    for (const JsonReader& one : differing.objects(side))
        rows.push_back(
            {sign, what, one.string_or("machine", ""),
             one.string_or("kind", one.string_or("class", "")) + " " + one.string("subject"),
             one.string_or("detail", one.string_or("attribution", ""))});
}

/// "-": the first run has it alone; "+": the second.
void print_comparison(Context& context, const JsonReader& comparison) {
    for (const JsonReader& run : comparison.objects("runs")) print_side(run);
    Rows rows;
    for (const char* what : {"reason", "change"}) {
        const JsonReader differing = comparison.object(std::string(what) + "s");
        add_rows(rows, differing, "only_first", "-", what);
        add_rows(rows, differing, "only_second", "+", what);
    }
    for (const JsonReader& check : comparison.objects("checks"))
        rows.push_back(
            {"~", "check", "", check.string("check"),
             check.string_or("first", "not run") + " → " + check.string_or("second", "not run")});
    std::cout << "\n";
    if (rows.empty()) std::cout << "no reason, check or change differs\n";
    else print_table(context, {"DIFF", "WHAT", "MACHINE", "SUBJECT", "DETAIL"}, rows);
}

void add_compare(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "compare", "in what two runs differ: verdicts, reasons, checks, changes");
    auto ids = std::make_shared<std::pair<std::string, std::string>>();
    verb->add_option("RUN", ids->first, "the first run")->required();
    verb->add_option("OTHER", ids->second, "the second run")->required();
    add_output_options(*verb, context);
    verb->callback([&context, ids] {
        const Json document =
            context.invoke("run.compare", {{"run", ids->first}, {"other", ids->second}});
        context.print(document,
                      [&] { print_comparison(context, JsonReader(document, "comparison")); });
    });
}

}  // namespace

void add_run_comparing(CLI::App& noun, Context& context) {
    add_wait(noun, context);
    add_compare(noun, context);
}

}  // namespace patchlab::cli
