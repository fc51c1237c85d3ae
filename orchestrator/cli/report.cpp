// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/output.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

struct ReportWords {
    std::string run;
    std::string format = "html";
    std::string needs_review = "failure";
    std::string file;  ///< empty or "-": stdout
};

void report(Context& context, const ReportWords& words) {
    const Json document = context.invoke_exact(
        "evidence.report",
        {{"run", words.run}, {"format", words.format}, {"needs_review", words.needs_review}});
    during("reporting run '" + words.run + "'",
           [&] { write_output(document.at("text").get<std::string>(), words.file); });
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
    auto* command =
        app.add_subcommand("report", "Render the sealed evidence of a run for people or for CI");
    auto words = std::make_shared<ReportWords>();
    command->add_option("RUN", words->run, "The run")->required();
    command
        ->add_option("--format", words->format,
                     "html (one self-contained page, the default), junit, markdown or json")
        ->check(CLI::IsMember({"html", "junit", "markdown", "json"}));
    command->add_option("-o,--output", words->file,
                        "Write to this file (whole or not at all) instead of stdout");
    CLI::Option* format = command->get_option("--format");
    command
        ->add_flag_callback(
            "--json",
            [words, &context] {
                words->format = "json";
                context.json = true;  // a failure is a document, too
            },
            "as --format json")
        ->excludes(format);
    command
        ->add_option("--needs-review", words->needs_review,
                     "what JUnit calls a finding that a person has to look at: failure (the "
                     "default) or skipped")
        ->check(CLI::IsMember({"failure", "skipped"}));
    command->callback([&context, words] { report(context, *words); });
}

}  // namespace patchlab::cli
