// SPDX-License-Identifier: Apache-2.0
//
// run.each: every patch in a run of its own, from the same checkpoint, several at once.
#include <algorithm>
#include <numeric>

#include "orchestrator/operations/run_compare.hpp"
#include "orchestrator/operations/run_start.hpp"
#include "orchestrator/pipeline/lab/capacity.hpp"

namespace patchlab::operations {

namespace {

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

struct AtOnce {
    unsigned runs = 1;
    std::optional<pipeline::Stage> overlap;  ///< see follow_many()
};

/// `jobs`: so many as was asked for; 0: as many as the host bears, or all of them where a scheduler
/// says when each begins.
AtOnce at_once_of(Rehearsals& rehearsals, std::int64_t jobs, bool here) {
    if (jobs > 0) return {static_cast<unsigned>(jobs), {}};
    if (!here) return {static_cast<unsigned>(rehearsals.patches.size()), {}};
    const pipeline::RunRequest request = rehearsals.plan({rehearsals.patches.front()}).request;
    const pipeline::HostRoom room = pipeline::room_of_this_host();
    AtOnce at_once{pipeline::trials_at_once(request, room), {}};
    // What is left of such a run then is the host's work and waiting for the machine to be at rest:
    // another one can be restored meanwhile.
    const bool ends_soon =
        !rehearsals.drill && !rehearsals.reboot_check && rehearsals.faults.empty();
    if (ends_soon && pipeline::memory_bears(request, room, at_once.runs + 1))
        at_once.overlap = pipeline::Stage::observe;
    return at_once;
}

bool is_worked_here(Call& call, const Rehearsals& rehearsals) {
    const std::string& queue = rehearsals.queue;
    return (queue.empty() ? call.session.queue().name() : std::string_view(queue)) == "local";
}

}  // namespace

Outcome start_each(Call& call, const JsonReader& request) {
    Rehearsals rehearsals(call, request);
    const std::vector<intake::Patch>& patches = rehearsals.patches;
    std::vector<std::string> titles;
    std::vector<std::function<std::string()>> starts;
    const std::vector<std::size_t> order = starting_order(patches);
    for (const std::size_t i : order) {
        titles.push_back(patches[i].id);
        starts.push_back([&rehearsals, &patch = patches[i]] { return rehearsals.start({patch}); });
    }
    const AtOnce at_once =
        at_once_of(rehearsals, request.integer_or("jobs", 0), is_worked_here(call, rehearsals));
    const ManyRuns many = follow_many(call, titles, starts, at_once.runs, at_once.overlap);
    std::vector<Json> runs(patches.size());  // told in the order they were asked for
    std::vector<int> exits;
    for (std::size_t i = 0; i < order.size(); ++i) {
        Json& run = runs[order[i]];
        run = many.ids[i].empty() ? Json{{"id", nullptr}, {"verdict", nullptr}}
                                  : document_of(call.session, many.ids[i]);
        if (const auto error = many.errors.find(i); error != many.errors.end())
            run["error"] = error->second;
        run["patch"] = titles[i];
        exits.push_back(
            run.at("verdict").is_null() ? 3 : exit_of(run.at("verdict").get<std::string>()));
    }
    return {{{"schema", "patchlab/runs-of-each/v1"}, {"at_once", at_once.runs}, {"runs", runs}},
            worst_exit(exits)};
}

}  // namespace patchlab::operations
