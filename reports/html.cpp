// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "reports/contents.hpp"
#include "reports/html/page.hpp"
#include "reports/render.hpp"
#include "reports/sealed_file.hpp"

namespace patchlab::reports {

namespace {

constexpr std::size_t log_end_bytes = 6000;
constexpr std::size_t log_ends_at_most = 4;

/// The last whole lines that fit.
std::string end_of(const std::string& log) {
    if (log.size() <= log_end_bytes) return log;
    const std::size_t line = log.find('\n', log.size() - log_end_bytes);
    return log.substr(line == std::string::npos ? log.size() - log_end_bytes : line + 1);
}

std::vector<html::LogEnd> log_ends_of(const SealedFolder& evidence, const RunDocument& run) {
    std::vector<html::LogEnd> ends;
    for (const RunReason& reason : run.reasons) {
        const auto kind = reason_kind_from(reason.kind);
        const std::string_view wanted = kind ? rule_of(*kind).log : std::string_view();
        if (wanted.empty()) continue;
        for (const std::string& path : run.logs) {
            const std::string_view file = std::string_view(path).substr(path.rfind('/') + 1);
            const bool of_machine = reason.machine.empty() ||
                                    path.find("/" + reason.machine + "/") != std::string::npos;
            const bool listed = std::any_of(ends.begin(), ends.end(),
                                            [&](const auto& end) { return end.path == path; });
            if (listed || !of_machine || file.find(wanted) == std::string_view::npos ||
                !evidence.has(path))
                continue;
            if (ends.size() < log_ends_at_most) ends.push_back({path, end_of(evidence.read(path))});
        }
    }
    return ends;
}

}  // namespace

std::string render_html(const std::filesystem::path& folder) {
    return during("rendering the HTML report", [&] {
        const SealedFolder evidence(folder);
        html::PageSource source;
        source.run = parse_run_document(parse_json(evidence.read("run.json"), "run.json"));
        source.digest = evidence.digest();
        source.sealed_at = evidence.manifest().created;
        source.files = evidence.manifest().files.size();
        source.log_ends = log_ends_of(evidence, source.run);
        source.contents = Contents::read(evidence, source.run);
        source.folder = folder.string();
        return html::page(source);
    });
}

std::string render_json(const std::filesystem::path& folder) {
    return during("rendering the JSON report", [&] {
        const std::string text = SealedFolder(folder).read("run.json");
        parse_run_document(
            parse_json(text, "run.json"));  // what is not a run is not handed on as one
        return text;
    });
}

}  // namespace patchlab::reports
