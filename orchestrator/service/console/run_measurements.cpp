// SPDX-License-Identifier: Apache-2.0
//
// What was measured: the samples of checks that got slower, drawn before, without the patch, and
// after it, over one scale.
#include <algorithm>

#include "orchestrator/service/console/figures.hpp"
#include "orchestrator/service/console/runs.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t pictures_at_once = 6;

bool is_of_patch(std::string_view pass) { return pass.starts_with("after"); }

int rank_of_pass(std::string_view pass) {
    if (pass == "before") return 0;
    if (pass.starts_with("control") || pass.starts_with("witness")) return 1;
    return is_of_patch(pass) ? 2 : 3;
}

std::vector<Sample> samples_of(const Json& measured, bool regressed) {
    std::vector<std::pair<int, Sample>> ranked;
    for (const Json& one : list_at(measured, "passes")) {
        const std::string pass = text_at(one, "pass");
        const char* tone = "plain";
        if (is_of_patch(pass)) tone = regressed ? "bad" : "good";
        Sample sample{in_words(pass), tone, {}};
        for (const Json& value : list_at(one, "samples"))
            if (value.is_number()) sample.values.push_back(value.get<double>() * 1000);
        ranked.emplace_back(rank_of_pass(pass), std::move(sample));
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Sample> samples;
    for (auto& [rank, sample] : ranked) samples.push_back(std::move(sample));
    return samples;
}

bool regressed_in(const reports::RunDocument& run, const Json& measured) {
    return std::any_of(run.reasons.begin(), run.reasons.end(), [&](const auto& reason) {
        return reason.is(reports::ReasonKind::regression) &&
               reason.machine == text_at(measured, "machine") &&
               reason.subject == text_at(measured, "check");
    });
}

void draw_measured(const View& view, const Json& measured, bool regressed) {
    const std::string title = text_at(measured, "check") + " on " + text_at(measured, "machine");
    {
        const auto head = view.out.open("h3");
        view.out.guest(title, 200);
        if (regressed) tag(view.out, "warn", "slower");
    }
    distribution(view.out, title, samples_of(measured, regressed), "ms");
}

}  // namespace

void write_measurements(const View& view, const reports::RunDocument& run) {
    const Json* document = view.document("measured");
    if (!document || list_at(*document, "measured").empty()) return;
    std::vector<const Json*> slower, others;
    for (const Json& one : list_at(*document, "measured"))
        (regressed_in(run, one) ? slower : others).push_back(&one);
    const Region section(view.out, "measured", "How long checks took");
    view.out.element("p", {{"class", "note"}},
                     "Each mark is one answer, each bar the median of a pass. Before and control: "
                     "without the patch.");
    for (std::size_t i = 0; i < slower.size() && i < pictures_at_once; ++i)
        draw_measured(view, *slower[i], true);
    if (others.empty()) return;
    const auto more = view.out.open("details");
    view.out.element("summary", slower.empty() ? "No check got slower: show what was measured"
                                               : "Checks that did not get slower");
    for (std::size_t i = 0; i < others.size() && i < pictures_at_once; ++i)
        draw_measured(view, *others[i], false);
}

}  // namespace patchlab::service::console
