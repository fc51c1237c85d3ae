// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/run_following.hpp"
#include "orchestrator/cli/run_start.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/pipeline/run/launcher.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

using pipeline::RunProgress;

void add_run_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the runs, newest first");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        Json runs = Json::array();
        std::vector<std::vector<std::string>> rows;
        for (const pipeline::RunRow& run :
             pipeline::RunStore(context.state(), context.database()).list()) {
            runs.push_back(
                {{"id", run.id},
                 {"kind", run.kind},
                 {"lab", run.lab},
                 {"patches", run.patches},
                 {"state", run.progress},
                 {"stage", run.stage},
                 {"verdict", run.verdict.empty() ? Json(nullptr) : Json(run.verdict)},
                 {"requester", run.requester},
                 {"requested", run.requested},
                 {"finished", run.finished.empty() ? Json(nullptr) : Json(run.finished)}});
            std::string patches = run.kind == "prepare" ? "(prepares the lab)" : "";
            for (const std::string& patch : run.patches)
                patches += (patches.empty() ? "" : ", ") + patch;
            rows.push_back({run.id, run.lab, patches, run.progress,
                            run.progress == "finished" ? "" : run.stage, run.verdict,
                            run.requested});
        }
        context.print({{"schema", "patchlab/runs/v1"}, {"runs", runs}}, [&] {
            print_table(context,
                        {"RUN", "LAB", "PATCHES", "STATE", "STAGE", "VERDICT", "REQUESTED"}, rows);
        });
    });
}

CLI::App* add_verb_on_run(CLI::App& noun, const std::string& name, const std::string& what,
                          std::shared_ptr<std::string> id) {
    CLI::App* verb = noun.add_subcommand(name, what);
    verb->add_option("RUN", *id, "the run's id")->required();
    return verb;
}

void add_run_show(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    CLI::App* verb =
        add_verb_on_run(noun, "show", "show a run: where it is, or its verdict and why", id);
    add_json_flag(*verb, context);
    verb->callback([&context, id] {
        const Json document = document_of(context, *id);
        context.print(document, [&] { print_run(context, document); });
    });
}

void print_event(const Json& event) {
    const JsonReader in(event, "event");
    std::cout << in.string("time") << "  " << in.string("stage") << ": " << in.string("text")
              << std::endl;
}

void add_run_log(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    auto live = std::make_shared<bool>(false);
    CLI::App* verb = add_verb_on_run(noun, "log", "show what happened in a run", id);
    verb->add_flag("-f,--follow", *live, "go on until the run is over");
    verb->callback([&context, id, live] {
        pipeline::RunStore runs(context.state(), context.database());
        const pipeline::RunRow row = runs.get(*id);
        const bool over = row.progress == "finished" || row.progress == "cancelled" ||
                          row.progress == "interrupted";
        pipeline::follow(runs.folder(*id), 0, print_event, [&] { return over || !*live; });
    });
}

void add_cancel(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    CLI::App* verb = add_verb_on_run(noun, "cancel", "stop a run; it leaves no verdict", id);
    verb->callback([&context, id] {
        pipeline::RunStore runs(context.state(), context.database());
        runs.get(*id);
        pipeline::cancel(runs.folder(*id), context.clock());
        runs.sync();
        std::cout << "run " << *id << " cancelled\n";
    });
}

void add_run_resume(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    auto detach = std::make_shared<bool>(false);
    CLI::App* verb = add_verb_on_run(noun, "resume", "take up a run whose worker was lost", id);
    verb->add_flag("--detach", *detach, "return at once");
    add_json_flag(*verb, context);
    verb->callback([&context, id, detach] {
        pipeline::RunStore runs(context.state(), context.database());
        const pipeline::RunRow row = runs.get(*id);
        if (row.progress == "running")
            throw Error(ErrorCode::conflict, "run " + *id + " is under way",
                        "follow it: patchlab run log -f " + *id);
        if (row.progress == "cancelled")
            throw Error(ErrorCode::conflict, "run " + *id + " was cancelled", "start a new one");
        if (row.progress == "finished" && row.kind == "rehearse") {
            const Json document = document_of(context, *id);
            context.print(document, [&] { print_run(context, document); });
            context.exit = exit_of(row.verdict);
            return;
        }
        restart_worker(context, *id);
        if (*detach) return;
        if (row.kind == "rehearse") return finish_start(context, *id);
        const pipeline::RunState state = follow_run(context, *id);
        if (state.progress != RunProgress::finished || !state.faults.empty())
            throw Error(ErrorCode::lab, "preparing lab '" + row.lab + "': " + last_fault(state));
    });
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("run", "rehearsals of patches in a lab");
    noun->require_subcommand(1);
    add_run_start(*noun, context);
    add_run_list(*noun, context);
    add_run_show(*noun, context);
    add_run_log(*noun, context);
    add_cancel(*noun, context);
    add_run_resume(*noun, context);
    add_worker(app, context);
}

}  // namespace patchlab::cli
