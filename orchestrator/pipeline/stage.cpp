// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stage.hpp"

namespace patchlab::pipeline {

std::string_view name(Stage stage) {
    switch (stage) {
        case Stage::clone: return "clone";
        case Stage::boot: return "boot";
        case Stage::baseline: return "baseline";
        case Stage::checkpoint: return "checkpoint";
        case Stage::control: return "control";
        case Stage::restore: return "restore";
        case Stage::apply: return "apply";
        case Stage::restart: return "restart";
        case Stage::test: return "test";
        case Stage::observe: return "observe";
        case Stage::compare: return "compare";
        case Stage::endure: return "endure";
        case Stage::drill: return "drill";
        case Stage::witness: return "witness";
        case Stage::faults: return "faults";
        case Stage::judge: return "judge";
        case Stage::seal: return "seal";
        case Stage::done: return "done";
    }
    return "done";
}

std::optional<Stage> stage_from(std::string_view text) {
    for (const Stage stage : all_stages)
        if (name(stage) == text) return stage;
    return std::nullopt;
}

Seconds deadline_of(Stage stage) {
    switch (stage) {
        case Stage::clone: return Seconds(120);
        case Stage::boot: return Seconds(600);
        case Stage::baseline: return Seconds(600);
        case Stage::checkpoint: return Seconds(300);
        case Stage::control: return Seconds(1800);
        case Stage::restore: return Seconds(300);
        case Stage::apply: return Seconds(1800);
        case Stage::restart: return Seconds(900);
        case Stage::test: return Seconds(900);
        case Stage::observe: return Seconds(300);
        case Stage::compare: return Seconds(300);
        case Stage::endure: return Seconds(1200);
        case Stage::drill: return Seconds(1800);
        case Stage::witness: return Seconds(1800);
        case Stage::faults: return Seconds(5400);
        case Stage::judge: return Seconds(60);
        case Stage::seal: return Seconds(300);
        case Stage::done: return Seconds(0);
    }
    return Seconds(0);
}

std::string_view name(Event event) {
    switch (event) {
        case Event::ok: return "ok";
        case Event::skipped: return "skipped";
        case Event::negative: return "negative";
        case Event::gone: return "gone";
        case Event::doubted: return "doubted";
        case Event::fault: return "fault";
        case Event::given_up: return "given up";
        case Event::lost: return "lost";
        case Event::moved: return "moved";
    }
    return "ok";
}

std::string_view name(SkipWhen when) {
    switch (when) {
        case SkipWhen::lab_is_prepared: return "the lab is prepared already";
        case SkipWhen::no_reboot_would_tell:
            return "no reboot is wanted, or what condemns the patch is known before it";
        case SkipWhen::no_drill_is_wanted: return "no drill is wanted";
        case SkipWhen::nothing_is_suspected: return "nothing is suspected";
        case SkipWhen::no_faults_are_wanted: return "no faults are wanted";
    }
    return "";
}

std::optional<Edge> edge(Stage from, Event on, Phase phase) {
    for (const Edge& candidate : edges)
        if (candidate.from == from && candidate.on == on && holds(candidate.when, phase))
            return candidate;
    return std::nullopt;
}

Stage next(Stage from, Event on, Phase phase) {
    if (const auto found = edge(from, on, phase)) return found->to;
    const auto given_up = edge(from, Event::given_up, phase);
    return given_up ? given_up->to : Stage::done;
}

bool is_tried_again(Stage stage) { return edge(stage, Event::fault, Phase::trial).has_value(); }

Stage resume_point(Stage stage) { return next(stage, Event::lost, Phase::trial); }

}  // namespace patchlab::pipeline
