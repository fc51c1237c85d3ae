// SPDX-License-Identifier: Apache-2.0
//
// The stages of the run with their times as bars (SVG rectangles: the page's policy permits neither
// scripts nor style attributes).
#include <algorithm>
#include <cstdio>
#include <utility>

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

void write_name(Writer& out, const RunStage& stage) {
    const auto cell = out.open("th", {{"scope", "row"}});
    const StageWords words = words_of_stage(stage.name);
    if (words.title.empty()) out.guest(stage.name, 60);
    else out.text(words.title);
    if (!words.meaning.empty()) out.element("div", {{"class", "detail"}}, words.meaning);
    if (stage.detail.empty()) return;
    const auto detail = out.open("div", {{"class", "detail said"}});
    out.guest(stage.detail, 600);
}

void write_stage(Writer& out, const RunStage& stage, double longest) {
    const auto row = out.open("tr");
    write_name(out, stage);
    {
        const auto cell = out.open("td", {{"class", "bar"}});
        const auto picture =
            out.open("svg", {{"aria-hidden", "true"}, {"width", "100%"}, {"height", "12"}});
        const auto bar = out.open("rect", {{"class", stage.outcome},
                                           {"width", percent(stage.seconds, longest)},
                                           {"height", "12"},
                                           {"rx", "2"}});
    }
    std::string time = stage.seconds < 0.05 ? "a moment" : duration_text(stage.seconds);
    if (stage.outcome == "skipped") time = "skipped";
    out.element("td", {{"class", "seconds"}}, time);
    if (stage.outcome == "failed") {
        const auto cell = out.open("td");
        out.element("span", {{"class", "outcome bad"}}, "\u2715 failed");
    }
}

/// The stages that prepare a lab, when another run had done so.
void write_reused(Writer& out) {
    const auto row = out.open("tr");
    {
        const auto cell = out.open("th", {{"scope", "row"}});
        out.text("Preparation");
        out.element("div", {{"class", "detail"}},
                    "the lab was cloned, booted, tested and kept by an earlier run");
    }
    out.element("td", "");
    out.element("td", {{"class", "seconds"}}, "reused");
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
    bool said_prepared = false;
    for (const RunStage& stage : run.stages) {
        const bool reused = stage.outcome == "skipped" && stage.detail == "reused";
        if (!reused) write_stage(out, stage, longest);
        else if (!std::exchange(said_prepared, true)) write_reused(out);
    }
}

}  // namespace patchlab::reports::html
