// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/run_compare.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/run_start.hpp"
#include "orchestrator/pipeline/run/queue.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::operations {

namespace {

pipeline::RunStore store_of(Call& call) { return {call.session.state(), call.session.database()}; }

bool is_over(const std::string& progress) {
    return progress == "finished" || progress == "cancelled" || progress == "interrupted";
}

/// Follows a run to its end. False when the deadline passed, or the caller wants no more.
bool wait_for(Call& call, const std::string& id, const std::optional<Deadline>& deadline) {
    if (is_over(store_of(call).get(id).progress)) return true;
    call.session.queue().follow(
        store_of(call).folder(id),
        [&](const Json& event) { call.events.run_event(run_event_from(event, id, id)); },
        [&] { return call.events.interrupted() || (deadline && deadline->passed()); });
    return is_over(store_of(call).get(id).progress);
}

/// What a comparison tells apart: a key and the text of what stands there.
using Facts = std::map<std::string, Json>;

Facts reasons_of(const JsonReader& run) {
    Facts facts;
    for (const JsonReader& reason : run.objects("reasons"))
        facts.emplace(
            reason.string("kind") + " " + reason.string("machine") + " " + reason.string("subject"),
            reason.raw());
    return facts;
}

Facts changes_of(const JsonReader& run) {
    Facts facts;
    if (!run.has("changes")) return facts;
    for (const JsonReader& change : run.object("changes").objects("items"))
        facts.emplace(change.string("machine") + " " + change.string("class") + " " +
                          change.string("subject") + " " + change.string("change"),
                      change.raw());
    return facts;
}

/// What `a` has and `b` has not.
Json missing_from(const Facts& a, const Facts& b) {
    Json items = Json::array();
    for (const auto& [key, value] : a)
        if (!b.contains(key)) items.push_back(value);
    return items;
}

Json both_ways(const Facts& a, const Facts& b) {
    return {{"only_first", missing_from(a, b)}, {"only_second", missing_from(b, a)}};
}

std::map<std::string, std::string> checks_of(const JsonReader& run) {
    std::map<std::string, std::string> checks;
    if (!run.has("checks")) return checks;
    for (const JsonReader& check : run.objects("checks"))
        checks[check.string("machine") + " " + check.string("suite") + "/" + check.string("name")] =
            check.string_or("after", "");
    return checks;
}

Json differing_checks(const JsonReader& first, const JsonReader& second) {
    const auto a = checks_of(first), b = checks_of(second);
    std::set<std::string> names;
    for (const auto& [name, after] : a) names.insert(name);
    for (const auto& [name, after] : b) names.insert(name);
    const auto after = [](const std::map<std::string, std::string>& checks,
                          const std::string& name) {
        const auto found = checks.find(name);
        return found == checks.end() ? Json(nullptr) : or_null(found->second);
    };
    Json items = Json::array();
    for (const std::string& name : names)
        if (after(a, name) != after(b, name))
            items.push_back(
                {{"check", name}, {"first", after(a, name)}, {"second", after(b, name)}});
    return items;
}

/// What they were asked for, and what came of it.
Json side(const JsonReader& run) {
    Json patches = Json::array();
    for (const JsonReader& patch : run.objects("patches")) patches.push_back(patch.string("id"));
    double seconds = 0;
    if (run.has("stages"))
        for (const JsonReader& stage : run.objects("stages")) seconds += stage.number("seconds");
    return {{"id", run.string("id")},
            {"lab", run.string("lab")},
            {"patches", patches},
            {"verdict", run.raw("verdict")},
            {"seconds", seconds}};
}

}  // namespace

int worst_exit(const std::vector<int>& exits) {
    for (const int worst : {1, 3, 5})
        if (std::find(exits.begin(), exits.end(), worst) != exits.end()) return worst;
    return 0;
}

Outcome wait_for_runs(Call& call, const JsonReader& request) {
    std::optional<Deadline> deadline;
    if (request.has("timeout")) deadline.emplace(Seconds(request.number("timeout")));
    Json runs = Json::array();
    std::vector<int> exits;
    for (const std::string& id : request.strings("runs")) store_of(call).get(id);
    for (const std::string& id : request.strings("runs")) {
        if (!wait_for(call, id, deadline))
            throw Error(ErrorCode::timeout,
                        "run " + id + " is not over" +
                            (deadline && deadline->passed()
                                 ? " after " + duration_text(request.number("timeout"))
                                 : ""),
                        "it goes on; see: patchlab run show " + id);
        const pipeline::RunRow row = store_of(call).get(id);
        const std::string verdict = verdict_of(call.session, row);
        runs.push_back({{"id", id}, {"state", row.progress}, {"verdict", or_null(verdict)}});
        exits.push_back(exit_of_run(call.session, row, verdict));
    }
    return {{{"schema", "patchlab/runs-waited/v1"}, {"runs", runs}}, worst_exit(exits)};
}

Outcome compare_runs(Call& call, const JsonReader& request) {
    const Json a = document_of(call.session, request.string("run"));
    const Json b = document_of(call.session, request.string("other"));
    const JsonReader first(a, "first run"), second(b, "second run");
    for (const JsonReader& run : {first, second})
        if (!run.has("verdict"))
            throw Error(ErrorCode::conflict, "run " + run.string("id") + " has no verdict",
                        "see: patchlab run show " + run.string("id"));
    return {{{"schema", "patchlab/run-comparison/v1"},
             {"runs", {side(first), side(second)}},
             {"reasons", both_ways(reasons_of(first), reasons_of(second))},
             {"checks", differing_checks(first, second)},
             {"changes", both_ways(changes_of(first), changes_of(second))}}};
}

}  // namespace patchlab::operations
