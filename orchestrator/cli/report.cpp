// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/output.hpp"
#include "platform/core/error.hpp"
#include "reports/evidence.hpp"
#include "reports/render.hpp"

namespace patchlab::cli {

namespace {

struct ReportWords {
    std::string run;
    std::string format;
    std::string file;  ///< empty or "-": stdout
};

/// The id becomes a folder name, so it may be nothing else.
void require_run_id(const std::string& id) {
    const bool plain =
        !id.empty() && id.size() <= 100 && id.front() != '.' &&
        id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
            std::string::npos;
    if (!plain)
        throw Error(ErrorCode::usage, "'" + id + "' is not the id of a run",
                    "list the runs with `patchlab run list`");
}

/// The evidence of a finished run whose seal holds.
std::filesystem::path sealed_evidence(Context& context, const std::string& run) {
    const std::filesystem::path folder = context.state() / "runs" / run;
    if (!std::filesystem::is_directory(folder))
        throw Error(ErrorCode::not_found, "there is no run '" + run + "'",
                    "list the runs with `patchlab run list`");
    const std::filesystem::path evidence = folder / "evidence";
    if (!std::filesystem::exists(evidence / "manifest.json"))
        throw Error(ErrorCode::conflict,
                    "run '" + run + "' is not finished: it has no sealed evidence yet",
                    "see where it is with `patchlab run show " + run + "`");
    const auto broken = [&](const std::string& what) {
        throw Error(ErrorCode::refused, "its evidence is not what was sealed: " + what,
                    "see all of it with `patchlab evidence verify " + evidence.string() + "`");
    };
    try {
        const reports::EvidenceVerification found = reports::verify(evidence);
        if (!found.ok()) broken(found.problems.front().file + " " + found.problems.front().what);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) throw;
        broken(error.message());
    }
    return evidence;
}

std::string render(const std::filesystem::path& evidence, const std::string& format) {
    if (format == "html") return reports::render_html(evidence);
    return format == "junit" ? reports::render_junit(evidence) : reports::render_json(evidence);
}

void report(Context& context, const ReportWords& words) {
    during("reporting run '" + words.run + "'", [&] {
        require_run_id(words.run);
        write_output(render(sealed_evidence(context, words.run), words.format), words.file);
    });
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
    auto* command =
        app.add_subcommand("report", "Render the sealed evidence of a run for people or for CI");
    auto words = std::make_shared<ReportWords>();
    command->add_option("RUN", words->run, "The run")->required();
    command->add_option("--format", words->format, "html (one self-contained page), junit or json")
        ->required()
        ->check(CLI::IsMember({"html", "junit", "json"}));
    command->add_option("-o,--output", words->file,
                        "Write to this file (whole or not at all) instead of stdout");
    command->callback([&context, words] { report(context, *words); });
}

}  // namespace patchlab::cli
