// SPDX-License-Identifier: Apache-2.0
#include "reports/html/page.hpp"

#include <utility>
#include <vector>

#include "platform/core/digest.hpp"
#include "reports/words.hpp"
#include "reports_files.hpp"

namespace patchlab::reports::html {

namespace {

std::string title_of(const RunDocument& run) {
    std::string what;
    for (const RunPatch& patch : run.patches) what += (what.empty() ? "" : ", ") + patch.id;
    const std::string_view verdict = run.verdict ? verdict_word(*run.verdict) : "Not judged";
    return std::string(verdict) + ": " + (what.empty() ? run.id : what) + " in lab " + run.lab;
}

}  // namespace

std::string page(const PageSource& source) {
    const RunDocument& run = source.run;
    Writer body;
    write_verdict(body, run);
    write_reasons(body, run, source.log_ends);
    write_next(body, run);
    write_patches(body, run);
    write_checks(body, run);
    write_changes(body, run, source.contents);
    write_way_back(body, run);
    write_faults(body, run);
    write_machines(body, run);
    write_stages(body, run);
    write_evidence(body, source);
    return whole_page(title_of(run), run.verdict ? name(*run.verdict) : "not-judged", body);
}

namespace {

/// Puts `value` where the skeleton says {{key}}. Only the skeleton is searched, never what was put
/// in.
std::string fill(std::string_view skeleton,
                 const std::vector<std::pair<std::string_view, std::string_view>>& values) {
    std::string out;
    for (std::size_t at = 0;;) {
        const std::size_t open = skeleton.find("{{", at);
        out += skeleton.substr(at, open == std::string_view::npos ? open : open - at);
        if (open == std::string_view::npos) return out;
        const std::size_t close = skeleton.find("}}", open);
        const std::string_view key = skeleton.substr(open + 2, close - open - 2);
        for (const auto& [name, value] : values)
            if (name == key) out += value;
        at = close + 2;
    }
}

std::string sha256_base64(std::string_view bytes) {
    const std::string hex = sha256_hex(bytes);
    std::string raw;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return base64_encode(raw);
}

}  // namespace

std::string_view style_sheet() { return embedded::reports_files::file("report.css"); }

std::string whole_page(std::string_view title, std::string_view tone, const Writer& body) {
    const std::string_view style = style_sheet();
    return fill(embedded::reports_files::file("report.html"), {{"title", escape(title, 200)},
                                                               {"style-hash", sha256_base64(style)},
                                                               {"style", style},
                                                               {"verdict", tone},
                                                               {"body", body.html()}});
}

}  // namespace patchlab::reports::html
