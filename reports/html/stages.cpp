// SPDX-License-Identifier: Apache-2.0
//
// The stages of the run with their times as bars (SVG rectangles: the page's policy permits neither
// scripts nor style attributes).
#include <algorithm>
#include <cstdio>

#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

std::string percent(double part, double whole) {
    char text[32];
    // a stage that took a moment still leaves a mark
    std::snprintf(text, sizeof text, "%.1f%%", whole > 0 ? std::max(0.6, 100 * part / whole) : 0.6);
    return text;
}

void write_stage(Writer& out, const RunStage& stage, double longest) {
    const auto row = out.open("tr");
    {
        const auto cell = out.open("th", {{"scope", "row"}});
        out.guest(stage.name, 60);
        if (!stage.detail.empty()) {
            const auto detail = out.open("div", {{"class", "detail"}});
            out.guest(stage.detail, 600);
        }
    }
    {
        const auto cell = out.open("td", {{"class", "bar"}});
        const auto picture =
            out.open("svg", {{"aria-hidden", "true"}, {"width", "100%"}, {"height", "12"}});
        const auto bar = out.open("rect", {{"class", stage.outcome},
                                           {"width", percent(stage.seconds, longest)},
                                           {"height", "12"},
                                           {"rx", "2"}});
    }
    out.element("td", {{"class", "seconds"}},
                stage.outcome == "skipped" ? "skipped" : duration_text(stage.seconds));
    if (stage.outcome == "failed") {
        const auto cell = out.open("td");
        out.element("span", {{"class", "outcome bad"}}, "\u2715 failed");
    }
}

}  // namespace

void write_stages(Writer& out, const RunDocument& run) {
    if (run.stages.empty()) return;
    const auto section = out.open("section", {{"aria-labelledby", "stages"}});
    out.element("h2", {{"id", "stages"}}, "Stages");
    double longest = 0;
    for (const RunStage& stage : run.stages) longest = std::max(longest, stage.seconds);
    const auto table = out.open("table", {{"class", "stages"}});
    out.element("caption", "Stages of the run and the time each took");
    {
        const auto head = out.open("thead", {{"class", "unseen"}});
        const auto row = out.open("tr");
        for (const char* title : {"Stage", "Share", "Time", "Outcome"})
            out.element("th", {{"scope", "col"}}, title);
    }
    const auto body = out.open("tbody");
    for (const RunStage& stage : run.stages) write_stage(out, stage, longest);
}

}  // namespace patchlab::reports::html
