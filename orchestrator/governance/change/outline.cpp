// SPDX-License-Identifier: Apache-2.0
//
// The change document for people: headline and facts here, one function for each section in the
// order of somebody who has to decide.
#include <algorithm>
#include <cctype>

#include "orchestrator/governance/change/parts.hpp"
#include "reports/words.hpp"

namespace patchlab::governance {

namespace outline = reports::outline;
using outline::code;
using outline::guest;
using outline::strong;
using outline::Text;
using outline::Tone;
using outline::words;

namespace {

Tone tone_of(reports::Verdict verdict) {
    switch (verdict) {
        case reports::Verdict::validated: return Tone::good;
        case reports::Verdict::needs_review: return Tone::warn;
        case reports::Verdict::rejected: return Tone::bad;
        case reports::Verdict::inconclusive: break;
    }
    return Tone::unsure;
}

outline::Fact verdict_fact(const ChangeDocument& document) {
    const auto& verdict = document.run().verdict;
    if (!verdict) return {Tone::unsure, "The lab says", "Not judged", ""};
    return {tone_of(*verdict), "The lab says", std::string(reports::verdict_word(*verdict)),
            number_text(document.passing) + " of " +
                count_text(document.checks, "check passes", "checks pass")};
}

outline::Fact risk_fact(const ChangeDocument& document) {
    return {governance::tone_of(document.risk), "Risk", std::string(title_of(document.risk)),
            document.risk == Risk::low
                ? ""
                : count_text(document.risks.size(), "reason", "reasons") + ", listed below"};
}

outline::Fact way_back_fact(const ChangeDocument& document) {
    const auto& drill = document.run().drill;
    const bool kept = keeps_way_back(document), practised = practised_way_back(document);
    if (!practised)
        return {kept ? Tone::warn : Tone::bad, "Way back", "Not proven",
                kept ? "the old versions are kept" : "not every old version is kept"};
    const bool downgraded =
        drill->downgrade && drill->downgrade->restored && drill->downgrade->difference == 0;
    return {kept ? Tone::good : Tone::warn, "Way back", "Practised",
            "in " + duration_text(downgraded ? drill->downgrade->seconds : drill->seconds) +
                (kept ? ", old versions kept" : ", by restoring the machine")};
}

outline::Fact hosts_fact(const ChangeDocument& document) {
    const auto& hosts = document.source.hosts;
    if (!hosts) return {Tone::unsure, "Hosts", "Unknown", "no inventory was given"};
    const auto unknown = static_cast<std::size_t>(std::count_if(
        hosts->begin(), hosts->end(), [](const ChangeHost& host) { return host.unknown; }));
    const std::string told = document.source.hosts_told_by.empty() ? "as told by the caller"
                                                                   : "as the inventory knows them";
    return {unknown > 0 ? Tone::unsure : Tone::plain, "Hosts", number_text(hosts->size()),
            unknown > 0 ? "of which " + number_text(unknown) + " are unknown" : told};
}

/// What stops the entry goes before everything that was decided earlier: who reads no further must
/// know.
void write_stopped(outline::Outline& out, const ChangeDocument& document) {
    const ChangeStanding& standing = *document.source.standing;
    out.tone = Tone::bad;
    out.sign = "\u2715";
    std::string state = document.rejections.empty() ? "stopped" : "rejected";
    if (standing.taken_back) state = standing.state;
    state.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(state.front())));
    out.state =
        state +
        (standing.taken_back && !standing.since.empty() ? " " + reports::time_words(standing.since)
                                                        : "") +
        ": it may not be deployed";
    Text why{strong("Entry " + standing.entry + ": ")};
    if (standing.taken_back)
        why.push_back(guest(standing.reason.empty() ? "no reason was given" : standing.reason));
    for (std::size_t i = 0; i < standing.objections.size(); ++i)
        why.insert(why.end(), {words(i == 0 ? "" : "; "), guest(standing.objections[i])});
    if (!standing.by.empty()) why.insert(why.end(), {words(", by "), guest(standing.by)});
    why.push_back(words(
        standing.signed_ ? ". The audit trail holds it."
                         : ". This is today\u2019s state; no signature of the entry covers it."));
    out.summary.push_back(why);
}

void write_head(outline::Outline& out, const ChangeDocument& document) {
    out.title = document.title;
    out.over = {words("patchlab \u00b7 change control \u00b7 ")};
    if (!document.source.entry.empty())
        out.over.insert(out.over.end(),
                        {words("entry "), guest(document.source.entry), words(" \u00b7 ")});
    out.over.insert(out.over.end(), {words("run "), guest(document.run().id), words(" in lab "),
                                     guest(document.run().lab)});
    if (document.stopped()) {
        write_stopped(out, document);
    } else if (document.approved) {
        out.tone = Tone::good;
        out.sign = "\u2713";
        out.state = "Approved";
    } else if (document.rejections.empty()) {
        out.tone = Tone::warn;
        out.sign = "!";
        out.state = "Not approved: it may not be deployed";
    } else {
        out.tone = Tone::bad;
        out.sign = "\u2715";
        out.state = "Rejected: it may not be deployed";
    }
    if (!document.run().summary.empty()) out.summary.push_back({guest(document.run().summary)});
    if (document.run().backend == "fake")
        out.summary.push_back(
            {strong("No real machine ran:"),
             words(" the rehearsal was played, so it says nothing about the patch.")});
    out.facts = {verdict_fact(document), risk_fact(document), way_back_fact(document),
                 hosts_fact(document)};
}

}  // namespace

outline::Outline outline_of(const ChangeDocument& document) {
    outline::Outline out;
    write_head(out, document);
    out.sections = {
        what_section(document),     why_section(document),       where_and_when_section(document),
        risk_section(document),     lab_section(document),       who_section(document),
        way_back_section(document), help_desk_section(document), next_section(document),
        proof_section(document)};
    return out;
}

}  // namespace patchlab::governance
