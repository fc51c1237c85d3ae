// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/run_store.hpp"

#include "orchestrator/intake/patch.hpp"
#include "orchestrator/pipeline/run/attempts.hpp"
#include "orchestrator/pipeline/run/lease.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

/// Which runs rehearsed a patch, without reading every run for it.
constexpr const char* patches_of_runs = R"sql(
CREATE TABLE run_patches (
    patch TEXT NOT NULL,
    run TEXT NOT NULL,
    PRIMARY KEY (patch, run)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO run_patches SELECT value, runs.id FROM runs, json_each(runs.patches);
CREATE TRIGGER run_patches_of_new_run AFTER INSERT ON runs BEGIN
    INSERT OR IGNORE INTO run_patches SELECT value, NEW.id FROM json_each(NEW.patches);
END;
CREATE TRIGGER run_patches_of_removed_run AFTER DELETE ON runs BEGIN
    DELETE FROM run_patches
    WHERE run = OLD.id AND patch IN (SELECT value FROM json_each(OLD.patches));
END;
CREATE INDEX runs_by_progress ON runs (progress);
)sql";

}  // namespace

std::vector<store::Migration> migrations() {
    return {{"pipeline", 1,
             R"(
CREATE TABLE labs (
    name TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    suites TEXT NOT NULL,
    digest TEXT NOT NULL,
    added TEXT NOT NULL
) STRICT;
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('rehearse', 'prepare')),
    lab TEXT NOT NULL,
    patches TEXT NOT NULL,
    progress TEXT NOT NULL CHECK (progress IN ('queued', 'running', )"
             R"('interrupted', 'finished', 'cancelled')),
    stage TEXT NOT NULL,
    verdict TEXT CHECK (verdict IN ('validated', 'needs-review', 'rejected', 'inconclusive')),
    requester TEXT NOT NULL,
    requested TEXT NOT NULL,
    finished TEXT
) STRICT;
CREATE INDEX runs_by_lab ON runs (lab, progress);
)"},
            {"pipeline", 2, patches_of_runs}};
}

namespace {

RunRow run_from(const store::Row& row) {
    RunRow run{row.text("id"),
               row.text("kind"),
               row.text("lab"),
               {},
               row.text("progress"),
               row.text("stage"),
               row.text_or_null("verdict").value_or(""),
               row.text("requester"),
               row.text("requested"),
               row.text_or_null("finished").value_or("")};
    for (const Json& patch : parse_json(row.text("patches"), "the patches of run " + run.id))
        run.patches.push_back(patch.get<std::string>());
    return run;
}

store::Value text_or_null(const std::string& text) {
    if (text.empty()) return nullptr;
    return text;
}

/// What is shown of a run that is not over. A scheduler that has the run may have to begin it anew
/// on another host, where it waits once more, whatever the one before had come to.
std::string progress_shown(const RunFolder& run, const RunState& state, bool has_worker) {
    if (is_over(state.progress) || has_worker) return std::string(name(state.progress));
    const auto attempt = newest_attempt_of_queue(run);
    if (attempt && attempt->presence == Presence::working) return "running";
    if (attempt && attempt->presence == Presence::waiting) return "queued";
    const bool had_one = attempt && !attempt->node.empty();
    return state.progress == RunProgress::running || had_one ? "interrupted" : "queued";
}

}  // namespace

void RunStore::record(const RunRow& row) {
    database_.execute(
        "INSERT INTO runs (id, kind, lab, patches, progress, stage, verdict, requester, requested, "
        "finished) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {row.id, row.kind, row.lab, to_line(Json(row.patches)), row.progress, row.stage,
         text_or_null(row.verdict), row.requester, row.requested, text_or_null(row.finished)});
}

bool RunStore::has(const std::string& id) {
    return database_.query_one("SELECT id FROM runs WHERE id = ?", {id}).has_value();
}

void RunStore::sync() {
    for (const store::Row& row :
         database_.query("SELECT id, progress, stage FROM runs WHERE progress IN ('queued', "
                         "'running', 'interrupted')")) {
        const RunFolder run = folder(row.text("id"));
        if (!fs::exists(run.state_file())) continue;
        // asked before the state is read: a worker that ends in between leaves a final state
        const bool alive = has_worker(run);
        const RunState state = run.load();
        const std::string progress = progress_shown(run, state, alive);
        const std::string stage(name(state.stage));
        if (progress == row.text("progress") && stage == row.text("stage")) continue;
        database_.transaction([&] {
            database_.execute(
                "UPDATE runs SET progress = ?, stage = ?, verdict = ?, finished = ? WHERE id = ?",
                {progress, stage, text_or_null(state.verdict), text_or_null(state.finished),
                 row.text("id")});
            if (is_over(state.progress))
                intake::PatchStore(state_, database_).remove_user(patch_user(row.text("id")));
        });
    }
}

std::vector<RunRow> RunStore::list() {
    store::Selection all;
    all.order = "id DESC";
    return list(all);
}

std::vector<RunRow> RunStore::list(const store::Selection& selection) {
    sync();
    std::vector<RunRow> runs;
    for (const store::Row& row :
         database_.query(selection.after("SELECT * FROM runs"), selection.values))
        runs.push_back(run_from(row));
    return runs;
}

std::map<std::string, RunRow> RunStore::newest_of_patches() {
    sync();
    std::map<std::string, RunRow> newest;
    for (const store::Row& row : database_.query(
             "SELECT last.patch, runs.* FROM (SELECT patch, max(run) AS run FROM run_patches GROUP "
             "BY patch) AS last JOIN runs ON runs.id = last.run"))
        newest.emplace(row.text("patch"), run_from(row));
    return newest;
}

void RunStore::remove(const std::string& id) {
    database_.execute("DELETE FROM runs WHERE id = ?", {id});
}

RunRow RunStore::get(const std::string& id) {
    sync();
    if (const auto row = database_.query_one("SELECT * FROM runs WHERE id = ?", {id}))
        return run_from(*row);
    throw Error(ErrorCode::not_found, "there is no run '" + id + "'", "see: patchlab run list");
}

}  // namespace patchlab::pipeline
