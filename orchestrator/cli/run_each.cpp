// SPDX-License-Identifier: Apache-2.0
//
// `run start --each`: every patch in a run of its own, from the same checkpoint, several at once.
#include <algorithm>
#include <iostream>
#include <numeric>

#include "orchestrator/cli/run_following.hpp"
#include "orchestrator/cli/run_start.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/pipeline/lab/capacity.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

/// The exit code of several: a rejected one decides, then one of which nothing is known, then one
/// that needs a review.
int worst_exit(const std::vector<int>& exits) {
    for (const int worst : {1, 3, 5})
        if (std::find(exits.begin(), exits.end(), worst) != exits.end()) return worst;
    return 0;
}

/// The largest first, which likely takes longest: so that the host is not left with one long run at
/// the end.
std::vector<std::size_t> starting_order(const std::vector<intake::Patch>& patches) {
    std::vector<std::size_t> order(patches.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return intake::bytes_of(patches[a]) > intake::bytes_of(patches[b]);
    });
    return order;
}

void print_table_of(Context& context, const std::vector<Json>& runs) {
    std::vector<std::vector<std::string>> rows;
    for (const Json& run : runs)
        rows.push_back({run.value("id", ""), run.at("patch").get<std::string>(),
                        run.at("verdict").is_null() ? "" : run.at("verdict").get<std::string>(),
                        run.value("summary", run.value("error", ""))});
    print_table(context, {"RUN", "PATCH", "VERDICT", ""}, rows);
}

struct AtOnce {
    unsigned runs = 1;
    std::optional<pipeline::Stage> overlap;  ///< see follow_many()
};

AtOnce at_once_of(Rehearsals& rehearsals, const intake::Patch& patch) {
    const StartOptions& options = rehearsals.options;
    if (options.jobs > 0) return {options.jobs, {}};
    const pipeline::RunRequest request = rehearsals.plan({patch}).request;
    const pipeline::HostRoom room = pipeline::room_of_this_host();
    AtOnce at_once{pipeline::trials_at_once(request, room), {}};
    // What is left of such a run then is the host's work and waiting for the machine to be at rest:
    // another one can be restored meanwhile.
    const bool ends_soon = options.no_drill && options.no_endure && options.faults.empty();
    if (ends_soon && pipeline::memory_bears(request, room, at_once.runs + 1))
        at_once.overlap = pipeline::Stage::observe;
    return at_once;
}

}  // namespace

void start_each(Context& context, Rehearsals& rehearsals,
                const std::vector<intake::Patch>& patches) {
    std::vector<std::string> titles;
    std::vector<std::function<std::string()>> starts;
    const std::vector<std::size_t> order = starting_order(patches);
    for (const std::size_t i : order) {
        titles.push_back(patches[i].id);
        starts.push_back([&rehearsals, &patch = patches[i]] { return rehearsals.start({patch}); });
    }
    if (rehearsals.options.detach)
        throw Error(ErrorCode::invalid, "--each follows its runs and cannot be detached",
                    "start each patch with --detach instead");
    const AtOnce at_once = at_once_of(rehearsals, patches.front());
    const ManyRuns many = follow_many(context, titles, starts, at_once.runs, at_once.overlap);
    std::vector<Json> runs(patches.size());  // told in the order they were asked for
    std::vector<int> exits;
    for (std::size_t i = 0; i < order.size(); ++i) {
        Json& run = runs[order[i]];
        run = many.ids[i].empty() ? Json{{"id", nullptr}, {"verdict", nullptr}}
                                  : document_of(context, many.ids[i]);
        if (const auto error = many.errors.find(i); error != many.errors.end())
            run["error"] = error->second;
        run["patch"] = titles[i];
        exits.push_back(
            run.at("verdict").is_null() ? 3 : exit_of(run.at("verdict").get<std::string>()));
    }
    context.print(
        {{"schema", "patchlab/runs-of-each/v1"}, {"at_once", at_once.runs}, {"runs", runs}},
        [&] { print_table_of(context, runs); });
    context.exit = worst_exit(exits);
}

}  // namespace patchlab::cli
