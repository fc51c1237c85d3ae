// SPDX-License-Identifier: Apache-2.0
//
// The first thing seen: the verdict with its sign and words, one sentence, and the four facts that
// carry it.
#include <algorithm>
#include <cstdlib>

#include "platform/core/text_units.hpp"
#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

const char* sign_of(const std::optional<Verdict>& verdict) {
    if (!verdict) return "\u2026";
    switch (*verdict) {
        case Verdict::validated: return "\u2713";
        case Verdict::needs_review: return "!";
        case Verdict::rejected: return "\u2715";
        case Verdict::inconclusive: return "?";
    }
    return "?";
}

void fact(Writer& out, const char* tone, std::string_view label, std::string_view value,
          std::string_view note) {
    const auto item = out.open("div", {{"class", std::string("fact ") + tone}});
    out.element("dt", label);
    const auto answer = out.open("dd");
    out.element("strong", value);
    if (!note.empty()) out.element("span", note);
}

void checks_fact(Writer& out, const std::vector<RunCheck>& checks) {
    std::uint64_t passing = 0, failing = 0, unknown = 0, old = 0;
    for (const RunCheck& check : checks) {
        const CheckReading reading = reading_of(check);
        passing += check.at_last() == CheckOutcome::pass;
        failing += reading == CheckReading::newly_failing;
        unknown += reading == CheckReading::not_observed;
        old += reading == CheckReading::old_failure || reading == CheckReading::flickers;
    }
    if (checks.empty()) return fact(out, "unsure", "Checks", "None", "nothing was tested");
    std::string note;
    const auto add = [&](std::uint64_t n, const char* words) {
        if (n > 0) note += (note.empty() ? "" : ", ") + number_text(n) + words;
    };
    add(failing, " newly failing");
    add(unknown, " not observed");
    add(old, " failing without the patch too");
    const char* tone = "good";
    if (failing > 0) tone = "bad";
    else if (unknown > 0) tone = "unsure";
    fact(out, tone, "Checks after the patch",
         number_text(passing) + " of " + number_text(checks.size()) + " pass",
         note.empty() ? "same as before" : note);
}

void changes_fact(Writer& out, const RunDocument& run) {
    const RunChanges& changes = run.changes;
    const bool compared = changes.total > 0 || run.verdict == Verdict::validated;
    if (!compared) return fact(out, "unsure", "Changes", "Not compared", "");
    const std::uint64_t unexplained = changes.unexplained_and_read();
    // those that the patch explains and that somebody should see all the same
    const auto sensitive = static_cast<std::uint64_t>(
        std::count_if(changes.items.begin(), changes.items.end(), [](const RunChange& change) {
            return change.sensitive && !change.noise() && !change.unexplained() &&
                   !change.unreadable();
        }));
    std::string note = "of " + count_text(changes.total - std::min(changes.noise, changes.total),
                                          "change", "changes");
    const auto add = [&](std::uint64_t n, const char* words) {
        if (n > 0) note += ", " + number_text(n) + words;
    };
    add(unexplained, " unexplained");
    add(sensitive, " sensitive");
    add(changes.unreadable, " unreadable");
    const std::uint64_t look = unexplained + sensitive + changes.unreadable;
    fact(out, look > 0 ? "warn" : "good", "Changes to look at",
         look == 0 ? "None" : number_text(look), note);
}

void way_back_fact(Writer& out, const std::optional<RunDrill>& drill) {
    if (!drill) return fact(out, "unsure", "Way back", "Not practised", "");
    const std::string seconds = "in " + duration_text(drill->seconds);
    if (!drill->restored) return fact(out, "bad", "Way back", "Failed", seconds);
    if (drill->difference != 0)
        return fact(out, "bad", "Way back", "Differs",
                    number_text(static_cast<std::uint64_t>(std::abs(drill->difference))) +
                        " left different");
    fact(out, "good", "Way back", "Practised", seconds + ", nothing left different");
}

}  // namespace

void write_verdict(Writer& out, const RunDocument& run) {
    const auto header = out.open("header", {{"class", "hero"}});
    {
        const auto line = out.open("p", {{"class", "over"}});
        out.text("patchlab \u00b7 lab ");
        out.guest(run.lab);
        out.text(" \u00b7 run ");
        out.guest(run.id);
        if (!run.finished.empty()) out.text(" \u00b7 " + time_words(run.finished));
    }
    {
        const auto headline = out.open("h1");
        out.element("span", {{"class", "sign"}, {"aria-hidden", "true"}}, sign_of(run.verdict));
        out.element("span", run.verdict ? verdict_word(*run.verdict) : "Not judged");
    }
    if (!run.summary.empty()) {
        const auto summary = out.open("p", {{"class", "summary"}});
        out.guest(with_short_digests(run.summary));
    }
    out.element("p", {{"class", "meaning"}},
                run.verdict ? verdict_meaning(*run.verdict)
                            : "This run has no verdict: nothing may be concluded from it.");
    if (run.backend == "fake")
        out.element("p", {{"class", "reason unsure"}},
                    "Rehearsed on the fake backend: no real machine ran, so this says nothing "
                    "about the patch.");
    const auto facts = out.open("dl", {{"class", "facts"}});
    checks_fact(out, run.checks);
    changes_fact(out, run);
    way_back_fact(out, run.drill);
    std::string how = run.acceleration;
    if (how == "tcg") how = "emulated, without hardware acceleration";
    else if (how == "kvm") how = "with KVM";
    fact(out, "plain", "Rehearsed in", run.seconds > 0 ? duration_text(run.seconds) : "Unknown",
         how);
}

}  // namespace patchlab::reports::html
