// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stage.hpp"

#include "platform/core/error.hpp"

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

const Rule& rule(Stage stage) {
    for (const Rule& candidate : rules)
        if (candidate.stage == stage) return candidate;
    throw Error(ErrorCode::internal, "stage '" + std::string(name(stage)) + "' has no rule");
}

Stage next(Stage stage, StageEnd end) {
    const Rule& found = rule(stage);
    switch (end) {
        case StageEnd::ok: return found.on_ok;
        case StageEnd::negative: return found.on_negative;
        case StageEnd::gone: return stage < Stage::judge ? Stage::judge : found.on_ok;
        case StageEnd::doubted: return Stage::restore;
        case StageEnd::fault: return found.on_fault;
    }
    return found.on_fault;
}

Stage resume_point(Stage stage) {
    switch (stage) {
        case Stage::clone:
        case Stage::boot:
        case Stage::baseline:
        case Stage::checkpoint: return Stage::clone;
        case Stage::control: return Stage::control;
        case Stage::restore:
        case Stage::apply:
        case Stage::restart:
        case Stage::test:
        case Stage::observe:
        case Stage::compare:
        case Stage::endure:
        case Stage::drill:
        case Stage::witness:
        case Stage::faults: return Stage::restore;
        case Stage::judge: return Stage::judge;
        case Stage::seal: return Stage::seal;
        case Stage::done: return Stage::done;
    }
    return Stage::restore;
}

}  // namespace patchlab::pipeline
