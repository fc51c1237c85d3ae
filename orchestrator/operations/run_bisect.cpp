// SPDX-License-Identifier: Apache-2.0
//
// run.bisect: the bundle as it is; when it is rejected, more runs from the same
// checkpoint find the smallest set of its patches that is rejected by itself. What was found is
// kept beside the bundle's run, in bisect.json.
#include "orchestrator/operations/run_start.hpp"
#include "orchestrator/pipeline/run/bisect.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

namespace {

std::vector<std::string> ids_of(const std::vector<intake::Patch>& patches,
                                const pipeline::PatchSet& set) {
    std::vector<std::string> ids;
    for (const std::size_t i : set) ids.push_back(patches[i].id);
    return ids;
}

/// A trial of some of the patches: the same as the bundle's, but for the way back, which is not in
/// question.
std::string try_some(Call& call, Rehearsals& rehearsals, const pipeline::PatchSet& set) {
    std::vector<intake::Patch> some;
    for (const std::size_t i : set) some.push_back(rehearsals.patches[i]);
    std::string names;
    for (const intake::Patch& patch : some) names += (names.empty() ? "" : ", ") + patch.id;
    call.events.progress("bisect: trying " + names);
    const std::string run = rehearsals.start(some);
    if (follow_run(call, run).progress == pipeline::RunProgress::cancelled)
        throw Error(ErrorCode::lab, "the search was cancelled in run " + run);
    return run;
}

}  // namespace

Outcome start_bisect(Call& call, const JsonReader& request) {
    Rehearsals rehearsals(call, request);
    const std::vector<intake::Patch>& patches = rehearsals.patches;
    const std::string bundle = rehearsals.start(patches);
    const pipeline::RunState state = follow_run(call, bundle);
    if (state.verdict != "rejected" || patches.size() < 2)
        return conclude(call.session, bundle, state);
    rehearsals.drill = false;
    const auto needs = pipeline::needs_within(
        patches, installed_in(call.session, rehearsals.plan(patches).request));
    Json steps = Json::array();
    const pipeline::BisectResult result =
        pipeline::find_smallest_failing(needs, [&](const pipeline::PatchSet& set) {
            const std::string id = try_some(call, rehearsals, set);
            const Json run = document_of(call.session, id);
            const std::string verdict =
                run.at("verdict").is_null() ? "inconclusive" : run.at("verdict").get<std::string>();
            steps.push_back({{"run", id}, {"patches", ids_of(patches, set)}, {"verdict", verdict}});
            if (verdict == "rejected") return pipeline::TrialAnswer::fails;
            return verdict == "inconclusive" ? pipeline::TrialAnswer::unknown
                                             : pipeline::TrialAnswer::passes;
        });
    const Json found{{"schema", "patchlab/bisect/v1"},
                     {"bundle", bundle},
                     {"patches", request.strings("patches")},
                     {"smallest", ids_of(patches, result.smallest)},
                     {"certain", result.certain},
                     {"steps", steps}};
    const fs::path folder = call.session.state() / "runs" / bundle;
    write_json(folder / "bisect.json", found);
    return {found, 1};
}

}  // namespace patchlab::operations
