// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/run_folder.hpp"

#include "platform/core/error.hpp"

namespace patchlab::pipeline {

static constexpr std::string_view run_state_schema = "patchlab/run-state/v1";

std::string_view name(RunProgress progress) {
    switch (progress) {
        case RunProgress::queued: return "queued";
        case RunProgress::running: return "running";
        case RunProgress::finished: return "finished";
        case RunProgress::cancelled: return "cancelled";
    }
    return "queued";
}

RunState RunFolder::load() const {
    const Json json = read_json(state_file());
    const JsonReader in(json, state_file().string());
    in.expect_schema(run_state_schema);
    RunState state;
    state.id = in.string("id");
    const std::string progress = in.string("state");
    for (const RunProgress candidate :
         {RunProgress::queued, RunProgress::running, RunProgress::finished, RunProgress::cancelled})
        if (name(candidate) == progress) state.progress = candidate;
    const auto stage = stage_from(in.string("stage"));
    if (!stage) in.fail("stage", "is not a stage");
    state.stage = *stage;
    state.verdict = in.string_or("verdict", "");
    state.resumes = static_cast<int>(in.integer_or("resumes", 0));
    state.tries = static_cast<int>(in.integer_or("tries", 1));
    state.started = in.string_or("started", "");
    state.finished = in.string_or("finished", "");
    state.suspicion = in.string_or("suspicion", "");
    if (in.has("faults")) state.faults = in.raw("faults");
    if (in.has("stages")) state.stages = in.raw("stages");
    return state;
}

void RunFolder::save(const RunState& state) const {
    write_json(state_file(),
               {{"schema", run_state_schema},
                {"id", state.id},
                {"state", name(state.progress)},
                {"stage", name(state.stage)},
                {"verdict", state.verdict.empty() ? Json(nullptr) : Json(state.verdict)},
                {"resumes", state.resumes},
                {"tries", state.tries},
                {"started", state.started},
                {"finished", state.finished},
                {"suspicion", state.suspicion},
                {"faults", state.faults},
                {"stages", state.stages}});
}

unsigned workers_alive(const fs::path& state) {
    unsigned count = 0;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(state / "runs", none)) {
        const RunFolder run(entry.path());
        if (fs::exists(run.work()) && run.worker_alive()) ++count;
    }
    return count;
}

void EventLog::add(std::string_view stage, std::string_view text, std::string_view level) {
    append_line_durable(file_, to_line({{"time", to_rfc3339(clock_.now())},
                                        {"level", level},
                                        {"stage", stage},
                                        {"text", text}}));
}

}  // namespace patchlab::pipeline
