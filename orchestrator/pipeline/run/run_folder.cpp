// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/run_folder.hpp"

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

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

std::string_view name(Passage::Outcome outcome) {
    switch (outcome) {
        case Passage::Outcome::ok: return "ok";
        case Passage::Outcome::failed: return "failed";
        case Passage::Outcome::skipped: return "skipped";
    }
    return "failed";
}

Json to_json(const std::vector<Passage>& passages) {
    Json list = Json::array();
    for (const Passage& passage : passages)
        list.push_back({{"name", name(passage.stage)},
                        {"outcome", name(passage.outcome)},
                        {"seconds", passage.seconds},
                        {"detail", passage.detail},
                        {"backend", passage.backend}});
    return list;
}

namespace {

Passage passage_from_json(const JsonReader& in) {
    Passage passage;
    const auto stage = stage_from(in.string("name"));
    if (!stage) in.fail("name", "is not a stage");
    passage.stage = *stage;
    passage.outcome = Passage::Outcome::failed;
    const std::string outcome = in.string("outcome");
    for (const auto candidate : {Passage::Outcome::ok, Passage::Outcome::skipped})
        if (name(candidate) == outcome) passage.outcome = candidate;
    passage.seconds = in.number("seconds");
    passage.detail = in.string("detail");
    passage.backend = in.string_or("backend", "");
    return passage;
}

}  // namespace

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
    const std::string suspicion = in.string_or("suspicion", "");
    state.suspicion = reports::reason_kind_from(suspicion);
    if (!suspicion.empty() && !state.suspicion) in.fail("suspicion", "is not a kind of reason");
    if (in.has("faults")) state.faults = reasons_from_json(in.raw("faults"));
    if (in.has("stages"))
        for (const JsonReader& item : in.objects("stages"))
            state.stages.push_back(passage_from_json(item));
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
                {"suspicion", state.suspicion ? name(*state.suspicion) : ""},
                {"faults", to_json(state.faults)},
                {"stages", to_json(state.stages)}});
}

void EventLog::add(std::string_view stage, std::string_view text, std::string_view level) {
    append_line_durable(file_, to_line({{"time", to_rfc3339(clock_.now())},
                                        {"level", level},
                                        {"stage", stage},
                                        {"text", text}}));
}

}  // namespace patchlab::pipeline
