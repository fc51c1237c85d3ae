// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/listing.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/run_compare.hpp"
#include "orchestrator/operations/run_start.hpp"
#include "orchestrator/operations/sealed_run.hpp"
#include "orchestrator/pipeline/run/queue.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "snapshots/change.hpp"

namespace patchlab::operations {

namespace {

using pipeline::RunProgress;

pipeline::RunStore runs_of(Call& call) { return {call.session.state(), call.session.database()}; }

constexpr std::array run_columns{
    ListColumn{"id", "id"},
    ListColumn{"kind", "kind"},
    ListColumn{"lab", "lab"},
    ListColumn{"patches", "patches", false, "SELECT value FROM json_each(runs.patches)"},
    ListColumn{"state", "progress"},
    ListColumn{"stage", "stage"},
    ListColumn{"verdict", "verdict", true},
    ListColumn{"requester", "requester"},
    ListColumn{"requested", "requested"},
    ListColumn{"created_at", "requested"},
    ListColumn{"finished", "finished", true},
    ListColumn{"finished_at", "finished", true}};

Outcome list_runs(Call& call, const JsonReader& request) {
    Json runs = Json::array();
    for (const pipeline::RunRow& run : runs_of(call).list(
             wanted_rows(request, "run.list", run_columns, "id DESC", call.session.clock().now())))
        runs.push_back({{"id", run.id},
                        {"kind", run.kind},
                        {"lab", run.lab},
                        {"patches", run.patches},
                        {"state", run.progress},
                        {"stage", run.stage},
                        {"place", place_of(call.session, run)},
                        {"verdict", or_null(run.verdict)},
                        {"requester", run.requester},
                        {"requested", run.requested},
                        {"finished", or_null(run.finished)}});
    return {{{"schema", "patchlab/runs/v1"}, {"runs", runs}}};
}

Outcome show_run(Call& call, const JsonReader& request) {
    const pipeline::RunRow row = runs_of(call).get(request.string("run"));
    Outcome shown{document_of(call.session, row.id)};
    if (request.boolean_or("exit_code", false))
        shown.exit = exit_of_run(call.session, row, verdict_in(shown.document));
    return shown;
}

Outcome log_of_run(Call& call, const JsonReader& request) {
    const pipeline::RunRow row = runs_of(call).get(request.string("run"));
    Json events = Json::array();
    pipeline::EventTail(runs_of(call).folder(row.id)).read([&](const Json& event) {
        events.push_back(event);
    });
    return {{{"schema", "patchlab/run-log/v1"},
             {"run", row.id},
             {"state", row.progress},
             {"events", events}}};
}

/// What was logged so far, then what comes, until the run is over.
Outcome watch_run(Call& call, const JsonReader& request) {
    const pipeline::RunRow row = runs_of(call).get(request.string("run"));
    const std::string& id = row.id;
    const bool over =
        row.progress == "finished" || row.progress == "cancelled" || row.progress == "interrupted";
    call.session.queue().follow(
        runs_of(call).folder(id),
        [&](const Json& event) { call.events.run_event(run_event_from(event, id)); },
        [&] { return over || call.events.interrupted(); });
    const pipeline::RunRow after = runs_of(call).get(id);
    const bool verdict = request.boolean_or("exit_code", false);
    return {{{"schema", "patchlab/run-watched/v1"}, {"run", id}, {"state", after.progress}},
            verdict ? exit_of_run(call.session, after, verdict_of(call.session, after)) : 0};
}

Outcome cancel_run(Call& call, const JsonReader& request) {
    pipeline::RunStore runs = runs_of(call);
    const std::string id = runs.get(request.string("run")).id;
    call.session.queue().cancel(runs.folder(id));
    runs.sync();
    return {{{"schema", "patchlab/run-cancelled/v1"}, {"run", id}}};
}

Outcome resume_run(Call& call, const JsonReader& request) {
    const pipeline::RunRow row = runs_of(call).get(request.string("run"));
    if (row.progress == "running")
        throw Error(ErrorCode::conflict, "run " + row.id + " is under way",
                    "follow it: patchlab run log -f " + row.id);
    if (row.progress == "cancelled")
        throw Error(ErrorCode::conflict, "run " + row.id + " was cancelled", "start a new one");
    const bool rehearsal = row.kind == "rehearse";
    if (row.progress == "finished" && rehearsal) {
        Json document = document_of(call.session, row.id);
        const int exit = exit_of(verdict_in(document));
        return {std::move(document), exit};
    }
    restart_run(call, row.id);
    const Outcome started{{{"schema", "patchlab/run-started/v1"}, {"id", row.id}}};
    if (request.boolean_or("detach", false)) return started;
    const pipeline::RunState state = follow_run(call, row.id);
    if (rehearsal) return conclude(call.session, row.id, state);
    if (state.progress != RunProgress::finished || !state.faults.empty())
        throw Error(ErrorCode::lab, "preparing lab '" + row.lab + "': " + last_fault(state));
    return started;
}

/// run.json of the sealed evidence. Error(not_found), Error(refused).
Json evidence_of(Call& call, const std::string& id) {
    pipeline::RunStore runs = runs_of(call);
    const pipeline::RunRow row = runs.get(id);
    if (auto document = sealed_document(call.session, row)) return *std::move(document);
    throw Error(ErrorCode::not_found, "run " + id + " " + why_no_evidence(row.kind, row.progress),
                "see: patchlab run show " + id);
}

bool holds(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

void require_machine(const JsonReader& run, const std::string& machine) {
    const auto machines = run.objects("machines");
    if (std::none_of(machines.begin(), machines.end(),
                     [&](const JsonReader& one) { return one.string("name") == machine; }))
        throw Error(ErrorCode::not_found,
                    "run " + run.string("id") + " has no machine '" + machine + "'",
                    "see: patchlab run show " + run.string("id"));
}

/// 0: nothing explains it; 1: it is explained, and sensitive; 2: the rest.
std::size_t rank_of(const JsonReader& change) {
    const auto by = snapshots::Attribution::from_text(change.string("attribution"));
    if (by.is_unexplained()) return 0;
    return change.boolean_or("sensitive", false) ? 1 : 2;
}

Outcome changes_of_run(Call& call, const JsonReader& request) {
    const Json document = evidence_of(call, request.string("run"));
    const JsonReader run(document, "run.json");
    const std::string machine = request.string_or("machine", "");
    const std::vector<std::string> classes = request.strings_or_empty("classes");
    const bool unexplained = request.boolean_or("unexplained", false);
    if (!machine.empty()) require_machine(run, machine);
    for (const std::string& cls : classes)
        snapshots::change_class_from(cls);  // Error(invalid) for a word that is none
    const auto stages = run.objects("stages");
    const bool compared = std::any_of(stages.begin(), stages.end(), [](const JsonReader& stage) {
        return stage.string("name") == "compare" && stage.string("outcome") == "ok";
    });
    const bool sensitive = request.boolean_or("sensitive", false);
    const bool review = request.boolean_or("review", false);
    // findings first: what nothing explains, then what is sensitive, then the rest
    std::array<std::vector<Json>, 3> ranks;
    for (const JsonReader& change : run.object("changes").objects("items")) {
        if (!machine.empty() && change.string("machine") != machine) continue;
        if (!classes.empty() && !holds(classes, change.string("class"))) continue;
        ranks[rank_of(change)].push_back(change.raw());
    }
    const bool all = !unexplained && !sensitive && !review;
    const std::array<bool, 3> wanted{all || unexplained || review, all || sensitive || review, all};
    Json items = Json::array();
    for (std::size_t rank = 0; rank < ranks.size(); ++rank)
        for (Json& item : ranks[rank])
            if (wanted[rank] || (sensitive && item.value("sensitive", false)))
                items.push_back(std::move(item));
    const std::string path = request.string_or("path", "");
    Json kept = nullptr;
    if (request.boolean_or("content", false) || !path.empty())
        kept = add_contents(items, runs_of(call).folder(request.string("run")).evidence(), document,
                            path);
    return {{{"schema", "patchlab/diff/v1"},
             {"run", request.string("run")},
             {"verdict", run.raw("verdict")},
             {"compared", compared},
             {"unexplained", ranks[0].size()},
             {"sensitive", ranks[1].size()},
             {"contents_kept", kept},
             {"items", items}}};
}

}  // namespace

std::vector<Operation> run_operations() {
    const Access starts = lab_staff("ask for a run");
    return {
        {"run.start", "Rehearse patches together in a lab", Kind::long_write, starts, start_run, "",
         true},
        {"run.each", "Rehearse each patch by itself, several at once", Kind::long_write, starts,
         start_each, "", true},
        {"run.bisect", "Rehearse patches together; find the smallest set of them that fails",
         Kind::long_write, starts, start_bisect, "", true},
        {"run.list", "List the runs, newest first", Kind::read, anyone(), list_runs},
        {"run.show", "Show a run: where it is, or its verdict and why", Kind::read, anyone(),
         show_run, "run"},
        {"run.diff", "Show what a run changed, and what explains it", Kind::read, anyone(),
         changes_of_run, "run"},
        {"run.log", "Show what happened in a run so far", Kind::read, anyone(), log_of_run, "run"},
        {"run.wait", "Wait until runs are over", Kind::long_read, anyone(), wait_for_runs},
        {"run.compare", "In what two runs differ: verdicts, reasons, checks, changes", Kind::read,
         anyone(), compare_runs, "run"},
        {"run.measurements", "Show what was measured: the samples of each check, pass by pass",
         Kind::read, anyone(), measurements_of_run, "run"},
        {"run.watch", "Report what happens in a run until it is over", Kind::long_read, anyone(),
         watch_run, "run"},
        {"run.cancel", "Stop a run; it leaves no verdict", Kind::write, lab_staff("cancel a run"),
         cancel_run, "run"},
        {"run.resume", "Take up a run whose worker was lost", Kind::long_write,
         lab_staff("resume a run"), resume_run, "run"},
    };
}

}  // namespace patchlab::operations
