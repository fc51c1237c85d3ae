// SPDX-License-Identifier: Apache-2.0
//
// Why the verdict is what it is: what rejects first, then what needs a look, then what is not
// known; alike reasons together.
#include <algorithm>

#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"
#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

constexpr std::size_t shown_at_once = 8;  ///< of one kind, before the rest folds away
constexpr std::size_t listed_at_most = 500;

const char* words_of(Effect effect) {
    switch (effect) {
        case Effect::rejects: return "rejects";
        case Effect::review: return "needs a look";
        case Effect::inconclusive: return "not known";
    }
    return "?";
}

const char* tone_of(Effect effect) {
    switch (effect) {
        case Effect::rejects: return "bad";
        case Effect::review: return "warn";
        case Effect::inconclusive: return "unsure";
    }
    return "plain";
}

using ReasonGroup = std::vector<const RunReason*>;

/// Reasons of one kind and effect, the worst effect first, otherwise in the order of the document.
std::vector<ReasonGroup> group(const std::vector<RunReason>& reasons) {
    std::vector<ReasonGroup> groups;
    for (const RunReason& reason : reasons) {
        const auto same = [&](const ReasonGroup& g) {
            return g.front()->kind == reason.kind && g.front()->effect == reason.effect;
        };
        const auto at = std::find_if(groups.begin(), groups.end(), same);
        if (at == groups.end()) groups.push_back({&reason});
        else at->push_back(&reason);
    }
    std::stable_sort(groups.begin(), groups.end(), [](const ReasonGroup& a, const ReasonGroup& b) {
        return a.front()->effect < b.front()->effect;
    });
    return groups;
}

void write_one(Writer& out, const RunReason& reason) {
    const auto item = out.open("li");
    if (!reason.subject.empty()) {
        const auto subject = out.open("strong");
        out.guest(reason.subject);
    }
    if (!reason.machine.empty()) {
        out.text(" on ");
        out.guest(reason.machine);
    }
    if (reason.seen_twice) out.element("span", {{"class", "tag"}}, "seen twice");
    if (reason.detail.empty()) return;
    const auto detail = out.open("div", {{"class", "detail"}});
    out.guest(with_short_digests(reason.detail), 2000);
}

void write_group(Writer& out, const ReasonGroup& reasons) {
    const RunReason& first = *reasons.front();
    const auto box = out.open("div", {{"class", std::string("reason ") + tone_of(first.effect)}});
    {
        const auto title = out.open("h3");
        out.guest(reason_words(first.kind));
        out.element("span", {{"class", "tag"}}, words_of(first.effect));
    }
    const auto list = [&](std::size_t from, std::size_t to) {
        const auto items = out.open("ul");
        for (std::size_t i = from; i < to; ++i) write_one(out, *reasons[i]);
    };
    const std::size_t listed = std::min(reasons.size(), listed_at_most);
    list(0, std::min(listed, shown_at_once));
    if (listed <= shown_at_once) return;
    const auto more = out.open("details");
    out.element("summary", number_text(reasons.size() - shown_at_once) + " more of this kind");
    list(shown_at_once, listed);
    if (listed < reasons.size())
        out.element("p", {{"class", "note"}},
                    number_text(reasons.size() - listed) +
                        " further ones are in run.json of the evidence.");
}

/// What is no reason, and a reader who knows the machine's words would miss.
void write_own_troubles(Writer& out, const std::vector<RunOwnTrouble>& troubles) {
    if (troubles.empty()) return;
    const auto more = out.open("details");
    out.element("summary", "Not the patch: " + number_text(troubles.size()) +
                               " that machines complained of without it, too");
    const auto items = out.open("ul");
    for (std::size_t i = 0; i < std::min(troubles.size(), listed_at_most); ++i) {
        const auto item = out.open("li");
        {
            const auto subject = out.open("strong");
            out.guest(troubles[i].subject);
        }
        out.text(" on ");
        out.guest(troubles[i].machine);
        const auto detail = out.open("div", {{"class", "detail"}});
        out.guest(troubles[i].detail, 2000);
        out.text(" (");
        out.guest(troubles[i].seen);
        out.text(")");
    }
}

}  // namespace

void write_reasons(Writer& out, const RunDocument& run, const std::vector<LogEnd>& log_ends) {
    const auto section = out.open("section", {{"aria-labelledby", "why"}});
    out.element("h2", {{"id", "why"}}, "Why");
    if (run.reasons.empty()) {
        const char* why = "The run gives no reason.";
        if (run.verdict == Verdict::validated)
            why = run.drill ? "No check got worse, no change is unexplained or sensitive, and the "
                              "way back was practised."
                            : "No check got worse, and no change is unexplained or sensitive. The "
                              "way back was not practised in this run.";
        out.element("p", why);
    }
    for (const ReasonGroup& reasons : group(run.reasons)) write_group(out, reasons);
    write_not_practised(out, run);
    write_own_troubles(out, run.own_troubles);
    for (const LogEnd& log : log_ends) {
        const auto box = out.open("details", {{"class", "log"}});
        {
            const auto title = out.open("summary");
            out.text("The end of ");
            out.guest_code(log.path);
        }
        const auto pre = out.open("pre", {{"tabindex", "0"}, {"dir", "ltr"}});
        out.guest(log.text, 16'000);
    }
}

}  // namespace patchlab::reports::html
