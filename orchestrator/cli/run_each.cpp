// SPDX-License-Identifier: Apache-2.0
//
// `run start --each`: every patch in a run of its own, from the same checkpoint, several at once.
#include <iostream>

#include "orchestrator/cli/run_following.hpp"
#include "orchestrator/cli/run_start.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/pipeline/capacity.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

/// The exit code of several: a rejected one decides, then one of which nothing is known, then one that needs a review.
int worst_exit(const std::vector<int>& exits) {
    for (const int worst : {1, 3, 5})
        if (std::find(exits.begin(), exits.end(), worst) != exits.end()) return worst;
    return 0;
}

void print_table_of(Context& context, const Json& runs) {
    std::vector<std::vector<std::string>> rows;
    for (const Json& run : runs)
        rows.push_back({run.value("id", ""), run.at("patch").get<std::string>(),
                        run.at("verdict").is_null() ? "" : run.at("verdict").get<std::string>(),
                        run.value("summary", run.value("error", ""))});
    print_table(context, {"RUN", "PATCH", "VERDICT", ""}, rows);
}

}  // namespace

void start_each(Context& context, Rehearsals& rehearsals, const std::vector<intake::Patch>& patches) {
    std::vector<std::string> titles;
    std::vector<std::function<std::string()>> starts;
    for (const intake::Patch& patch : patches) {
        titles.push_back(patch.id);
        starts.push_back([&rehearsals, &patch] { return rehearsals.start({patch}); });
    }
    if (rehearsals.options.detach)
        throw Error(ErrorCode::invalid, "--each follows its runs and cannot be detached", "start each patch with --detach instead");
    unsigned at_once = rehearsals.options.jobs;
    if (at_once == 0) at_once = pipeline::trials_at_once(rehearsals.plan({patches.front()}).request, pipeline::room_of_this_host());
    const ManyRuns many = follow_many(context, titles, starts, at_once);
    Json runs = Json::array();
    std::vector<int> exits;
    for (std::size_t i = 0; i < patches.size(); ++i) {
        Json run = many.ids[i].empty() ? Json{{"id", nullptr}, {"verdict", nullptr}} : document_of(context, many.ids[i]);
        if (const auto error = many.errors.find(i); error != many.errors.end()) run["error"] = error->second;
        run["patch"] = patches[i].id;
        exits.push_back(run.at("verdict").is_null() ? 3 : exit_of(run.at("verdict").get<std::string>()));
        runs.push_back(std::move(run));
    }
    context.print({{"schema", "patchlab/runs-of-each/v1"}, {"at_once", at_once}, {"runs", runs}}, [&] { print_table_of(context, runs); });
    context.exit = worst_exit(exits);
}

}  // namespace patchlab::cli
