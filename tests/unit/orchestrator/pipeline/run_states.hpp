// SPDX-License-Identifier: Apache-2.0
//
// The transitions of a run as docs/reference/run-states.md shows them, made from the table.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "orchestrator/pipeline/stage.hpp"

namespace patchlab::pipeline {

/// Edges that lead the same way in the same phases are one arrow.
inline std::string run_states_arrows() {
    struct Arrow {
        Stage from, to;
        During when;
        std::string label;
    };
    std::vector<Arrow> arrows;
    for (const Edge& edge : edges) {
        if (edge.on == Event::lost || edge.on == Event::moved) continue;
        const auto same = std::find_if(arrows.begin(), arrows.end(), [&](const Arrow& arrow) {
            return arrow.from == edge.from && arrow.to == edge.to && arrow.when == edge.when;
        });
        if (same == arrows.end())
            arrows.push_back({edge.from, edge.to, edge.when, std::string(name(edge.on))});
        else same->label += ", " + std::string(name(edge.on));
    }
    std::string text;
    for (const Arrow& arrow : arrows) {
        text += "    " + std::string(name(arrow.from)) + " --> " + std::string(name(arrow.to)) +
                ": " + arrow.label;
        if (arrow.when == During::prepare) text += " (when only a lab is prepared)";
        if (arrow.when == During::trial) text += " (in the first trial)";
        text += "\n";
    }
    return text;
}

inline std::string run_states() {
    std::string text = "```mermaid\nstateDiagram-v2\n    [*] --> clone\n" + run_states_arrows() +
                       "    done --> [*]\n```\n\n| stage | has nothing to do when | goes on, when "
                       "its worker was lost, at | and when its prepared lab is not here, at "
                       "|\n|---|---|---|---|\n";
    for (const Stage stage : all_stages) {
        if (stage == Stage::done) continue;
        std::string when;
        for (const SkipRule& rule : skip_rules)
            if (rule.stage == stage) when = name(rule.when);
        const Stage resumed = resume_point(stage);
        const auto moved = edge(resumed, Event::moved, Phase::trial);
        text += "| " + std::string(name(stage)) + " | " + when + " | " +
                std::string(name(resumed)) + " | " +
                std::string(name(moved ? moved->to : resumed)) + " |\n";
    }
    return text;
}

}  // namespace patchlab::pipeline
