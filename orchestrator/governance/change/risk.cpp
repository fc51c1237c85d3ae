// SPDX-License-Identifier: Apache-2.0
//
// How risky a change is: the worst of what the lab found. Nothing that was not looked at counts as
// harmless.
#include <algorithm>
#include <array>

#include "orchestrator/governance/change/parts.hpp"
#include "platform/core/error.hpp"
#include "reports/words.hpp"

namespace patchlab::governance {

using reports::outline::Tone;

std::string_view title_of(Risk risk) {
    switch (risk) {
        case Risk::low: return "Low";
        case Risk::medium: return "Medium";
        case Risk::high: break;
    }
    return "High";
}

Tone tone_of(Risk risk) {
    switch (risk) {
        case Risk::low: return Tone::good;
        case Risk::medium: return Tone::warn;
        case Risk::high: break;
    }
    return Tone::bad;
}

namespace {

constexpr std::array<std::pair<Risk, std::string_view>, 3> risk_words{
    {{Risk::low, "low"}, {Risk::medium, "medium"}, {Risk::high, "high"}}};

struct Found {
    ChangeDocument& document;

    void add(bool holds, Risk risk, const std::string& why) {
        if (!holds) return;
        document.risk = std::max(document.risk, risk);
        document.risks.push_back(why);
    }
};

std::size_t count(const ChangeDocument& document, bool SideEffect::*which) {
    return static_cast<std::size_t>(
        std::count_if(document.side_effects.begin(), document.side_effects.end(),
                      [&](const SideEffect& effect) { return effect.*which; }));
}

void look_at_verdict(Found& found) {
    const reports::RunDocument& run = found.document.run();
    found.add(run.backend == "fake", Risk::high,
              "No real machine ran: the rehearsal was played, so it says nothing about the patch.");
    found.add(!run.verdict, Risk::high, "The run was not judged.");
    if (!run.verdict) return;
    found.add(*run.verdict == reports::Verdict::rejected, Risk::high, "The lab rejected it.");
    found.add(*run.verdict == reports::Verdict::inconclusive, Risk::high,
              "The rehearsal was inconclusive: nothing is known about the patch.");
    found.add(*run.verdict == reports::Verdict::needs_review, Risk::medium,
              "The lab asked for a review.");
}

void look_at_findings(Found& found) {
    const ChangeDocument& document = found.document;
    const auto checks = [](std::size_t n) { return count_text(n, "check", "checks"); };
    found.add(document.checks == 0, Risk::high, "Nothing was tested.");
    found.add(document.newly_failing > 0, Risk::high,
              checks(document.newly_failing) + " passed before the patch and failed after it.");
    found.add(document.not_observed > 0, Risk::medium,
              checks(document.not_observed) + " gave no answer after the patch.");
    const std::size_t unexplained = count(document, &SideEffect::unexplained),
                      sensitive = count(document, &SideEffect::sensitive);
    found.add(unexplained > 0, Risk::high,
              count_text(unexplained, "change", "changes") +
                  " that the patch does not explain, or that could not be read.");
    found.add(sensitive > 0, Risk::medium,
              count_text(sensitive, "sensitive change", "sensitive changes") +
                  " (ports, users, kernel, timers and the like).");
    found.add(document.reboot, Risk::medium, "The machine restarts.");
    const auto& machines = document.run().machines;
    const bool critical = std::any_of(machines.begin(), machines.end(), [](const auto& machine) {
        return machine.criticality == "mission-critical";
    });
    found.add(critical, Risk::medium, "It is for mission-critical machines.");
}

void look_at_way_back(Found& found) {
    const bool kept = keeps_way_back(found.document),
               practised = practised_way_back(found.document);
    found.add(
        !kept && !practised, Risk::high,
        "There is no proven way back: it was not practised, and not every old version is kept.");
    found.add(kept && !practised, Risk::medium,
              "The way back was not practised, or did not work; the old versions are kept.");
    found.add(!kept && practised, Risk::medium,
              "Not every old version is kept: the way back is a restored machine.");
}

void look_at_waivers(Found& found) {
    const auto& waivers = found.document.waivers;
    const auto counting = static_cast<std::size_t>(std::count_if(
        waivers.begin(), waivers.end(), [](const ChangeWaiver& waiver) { return waiver.counts; }));
    found.add(counting > 0, Risk::medium,
              count_text(counting, "requirement is", "requirements are") + " waived.");
}

}  // namespace

std::string_view name(Risk risk) {
    for (const auto& [value, word] : risk_words)
        if (value == risk) return word;
    throw Error(ErrorCode::internal, "a risk has no name");
}

bool practised_way_back(const ChangeDocument& document) {
    const auto& drill = document.run().drill;
    if (!drill) return false;
    const bool downgraded = drill->downgrade && drill->downgrade->possible &&
                            drill->downgrade->restored && drill->downgrade->difference == 0;
    return downgraded || (drill->restored && drill->difference == 0);
}

void assess_risk(ChangeDocument& document) {
    document.risk = Risk::low;
    Found found{document};
    look_at_verdict(found);
    look_at_findings(found);
    look_at_way_back(found);
    look_at_waivers(found);
    if (document.risks.empty())
        document.risks.emplace_back(
            "The lab found nothing that speaks against it, and the way back works.");
}

}  // namespace patchlab::governance
