// SPDX-License-Identifier: Apache-2.0
//
// `run start --bisect`: the bundle as it is; when it is rejected, more runs from the same
// checkpoint find the smallest set of its patches that is rejected by itself. What was found is
// kept beside the bundle's run, in bisect.json.
#include <iostream>

#include "orchestrator/cli/run_following.hpp"
#include "orchestrator/cli/run_start.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/pipeline/run/bisect.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

std::vector<std::string> ids_of(const std::vector<intake::Patch>& patches,
                                const pipeline::PatchSet& set) {
    std::vector<std::string> ids;
    for (const std::size_t i : set) ids.push_back(patches[i].id);
    return ids;
}

/// What is installed in the lab's images, for the prerequisites.
std::vector<pipeline::InstalledPackages> installed_in(Context& context,
                                                      const pipeline::RunRequest& request) {
    images::ImageStore images(context.state(), context.database());
    std::vector<pipeline::InstalledPackages> machines;
    for (const pipeline::MachineRequest& machine : request.machines) {
        pipeline::InstalledPackages& installed = machines.emplace_back();
        for (const disk::InstalledPackage& package :
             images.get(machine.definition.image).os.packages)
            installed[package.name] = package.version;
    }
    return machines;
}

/// A trial of some of the patches: the same as the bundle's, but for the way back, which is not in
/// question.
std::string try_some(Context& context, Rehearsals& rehearsals,
                     const std::vector<intake::Patch>& patches, const pipeline::PatchSet& set) {
    std::vector<intake::Patch> some;
    for (const std::size_t i : set) some.push_back(patches[i]);
    context.progress("bisect: trying " + joined(ids_of(patches, set)));
    const std::string id = rehearsals.start(some);
    const pipeline::RunState state = follow_run(context, id);
    if (state.progress == pipeline::RunProgress::cancelled)
        throw Error(ErrorCode::lab, "the search was cancelled in run " + id);
    return id;
}

void print_found(const Json& found) {
    std::cout << "bundle   " << found.at("bundle").get<std::string>() << " is rejected\n";
    for (const Json& step : found.at("steps"))
        std::cout << "tried    " << joined(step.at("patches").get<std::vector<std::string>>())
                  << ": " << step.at("verdict").get<std::string>() << "  ("
                  << step.at("run").get<std::string>() << ")\n";
    std::cout << "smallest " << joined(found.at("smallest").get<std::vector<std::string>>())
              << "\n";
    if (!found.at("certain").get<bool>())
        std::cout << "         a trial on the way gave no answer: a smaller set may be hidden\n";
}

}  // namespace

void start_bisect(Context& context, Rehearsals& rehearsals,
                  const std::vector<intake::Patch>& patches) {
    const std::string bundle = rehearsals.start(patches);
    const pipeline::RunState state = follow_run(context, bundle);
    if (state.verdict != "rejected" || patches.size() < 2) return conclude(context, bundle, state);
    rehearsals.options.no_drill = true;
    const auto needs =
        pipeline::needs_within(patches, installed_in(context, rehearsals.plan(patches).request));
    Json steps = Json::array();
    const pipeline::BisectResult result =
        pipeline::find_smallest_failing(needs, [&](const pipeline::PatchSet& set) {
            const std::string id = try_some(context, rehearsals, patches, set);
            const Json run = document_of(context, id);
            const std::string verdict =
                run.at("verdict").is_null() ? "inconclusive" : run.at("verdict").get<std::string>();
            steps.push_back({{"run", id}, {"patches", ids_of(patches, set)}, {"verdict", verdict}});
            if (verdict == "rejected") return pipeline::TrialAnswer::fails;
            return verdict == "inconclusive" ? pipeline::TrialAnswer::unknown
                                             : pipeline::TrialAnswer::passes;
        });
    const Json found{{"schema", "patchlab/bisect/v1"},
                     {"bundle", bundle},
                     {"patches", rehearsals.options.patches},
                     {"smallest", ids_of(patches, result.smallest)},
                     {"certain", result.certain},
                     {"steps", steps}};
    write_json(pipeline::RunStore(context.state(), context.database()).folder(bundle).root() /
                   "bisect.json",
               found);
    context.print(found, [&] { print_found(found); });
    context.exit = 1;
}

}  // namespace patchlab::cli
