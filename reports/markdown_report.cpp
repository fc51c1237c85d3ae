// SPDX-License-Identifier: Apache-2.0
//
// A run in a few paragraphs of Markdown: for a ticket, a chat or a merge request. The whole of it
// is the page.
#include <algorithm>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"
#include "reports/outline/outline.hpp"
#include "reports/render.hpp"
#include "reports/sealed_file.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::outline {

namespace {

constexpr std::size_t most_reasons = 50;

Tone tone_of(const RunDocument& run) {
    if (!run.verdict) return Tone::unsure;
    switch (*run.verdict) {
        case Verdict::validated: return Tone::good;
        case Verdict::needs_review: return Tone::warn;
        case Verdict::rejected: return Tone::bad;
        case Verdict::inconclusive: return Tone::unsure;
    }
    return Tone::unsure;
}

Section why_section(const RunDocument& run) {
    List list;
    for (const RunReason& reason : run.reasons) {
        if (list.items.size() == most_reasons) break;
        Text text{strong(reason_words(reason.kind)), words(": ")};
        if (!reason.machine.empty()) text.push_back(guest(reason.machine + ": "));
        text.push_back(guest(reason.subject));
        if (!reason.detail.empty())
            text.push_back(guest(" (" + with_short_digests(reason.detail) + ")"));
        list.items.push_back({std::move(text), {}});
    }
    for (const NotPractised& one : not_practised(run))
        list.items.push_back(
            {{strong(one.what + " not practised"), words(": "), guest(one.why)}, {}});
    if (list.items.empty())
        list.items.push_back(
            {{words(std::string(run.verdict ? verdict_meaning(*run.verdict)
                                            : std::string_view("This run has no verdict.")))},
             {}});
    return {"why", "Why", {std::move(list)}};
}

Section patch_section(const RunDocument& run) {
    Table table{"Packages", {"Package", "From", "To"}, {}};
    for (const RunPatch& patch : run.patches)
        for (const RunPackage& package : patch.packages)
            table.rows.push_back(
                {{guest(package.name)},
                 {package.from.empty() ? words("newly installed") : code(package.from)},
                 {package.to.empty() ? words("removed") : code(package.to)}});
    return {"patch", "What was rehearsed", {std::move(table)}};
}

Section evidence_section(const RunDocument& run, const std::string& digest) {
    Pairs pairs;
    pairs.pairs.push_back({"Run", {guest(run.id)}});
    pairs.pairs.push_back({"Lab", {guest(run.lab)}});
    pairs.pairs.push_back({"Finished", {guest(time_words(run.finished))}});
    pairs.pairs.push_back({"Digest of the evidence", {code(digest)}});
    return {"evidence",
            "Evidence",
            {std::move(pairs), List{{{{words("Print the whole report: ")},
                                      {"patchlab report " + run.id + " -o report.html"}}}}}};
}

Outline outline_of(const RunDocument& run, const std::string& digest) {
    const auto passing = static_cast<std::uint64_t>(
        std::count_if(run.checks.begin(), run.checks.end(),
                      [](const RunCheck& check) { return check.at_last() == CheckOutcome::pass; }));
    Outline out;
    out.over = {words("patchlab, lab "), guest(run.lab), words(", run "), guest(run.id)};
    for (const RunPatch& patch : run.patches)
        out.title += (out.title.empty() ? "" : ", ") + patch.id;
    if (out.title.empty()) out.title = run.id;
    out.tone = tone_of(run);
    out.state = run.verdict ? verdict_word(*run.verdict) : "Not judged";
    out.summary.push_back({guest(with_short_digests(run.summary))});
    out.facts = {{Tone::plain, "Checks after the patch",
                  number_text(passing) + " of " + number_text(run.checks.size()) + " pass", ""},
                 {Tone::plain, "Changes", number_text(run.changes.total),
                  number_text(run.changes.unexplained) + " unexplained, " +
                      number_text(run.changes.sensitive) + " sensitive"}};
    out.sections = {why_section(run), patch_section(run), evidence_section(run, digest)};
    return out;
}

}  // namespace

}  // namespace patchlab::reports::outline

namespace patchlab::reports {

std::string markdown_of(const RunDocument& run, const std::string& digest) {
    return outline::to_markdown(outline::outline_of(run, digest));
}

std::string render_markdown(const std::filesystem::path& folder) {
    return during("rendering the Markdown report", [&] {
        const SealedFolder evidence(folder);
        return markdown_of(parse_run_document(parse_json(evidence.read("run.json"), "run.json")),
                           evidence.digest());
    });
}

}  // namespace patchlab::reports
