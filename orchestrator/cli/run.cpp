// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/backends.hpp"
#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/run_following.hpp"
#include "orchestrator/pipeline/launcher.hpp"
#include "orchestrator/pipeline/run_document.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

using pipeline::RunProgress;

struct StartOptions {
    std::string lab;
    std::vector<std::string> patches;
    std::vector<std::string> suites;
    bool detach = false;
    bool no_drill = false;
    bool no_endure = false;
    bool allow_downgrade = false;
    double apply_deadline = 1200;
};

/// The sealed document of a run that is over, or what can be told of one under way.
Json document_of(Context& context, const std::string& id) {
    pipeline::RunStore runs(context.state(), context.database());
    const pipeline::RunRow row = runs.get(id);
    const pipeline::RunFolder folder = runs.folder(id);
    if (fs::exists(folder.evidence() / "run.json") && row.progress == "finished") return read_json(folder.evidence() / "run.json", 512U << 20);
    Json document = pipeline::progress_document(pipeline::read_request(folder.request()), folder.load());
    document["state"] = row.progress;
    return document;
}

int exit_of(const std::string& verdict) {
    if (verdict == "validated") return 0;
    if (verdict == "rejected") return 1;
    if (verdict == "needs-review") return 5;
    return 3;
}

/// The whole of a run on a screen: verdict, reasons, then where to read on.
void print_run(Context& context, const Json& document) {
    const JsonReader run(document, "run");
    const std::string verdict = run.string_or("verdict", "");
    const bool colour = context.colours_on_stdout();
    const char* paint = !colour ? "" : verdict == "validated" ? "\033[1;32m" : verdict == "rejected" ? "\033[1;31m" : "\033[1;33m";
    std::cout << "run      " << run.string("id") << "  (lab " << run.string("lab") << ")\n";
    for (const JsonReader& patch : run.objects("patches")) {
        std::cout << "patch    " << patch.string("id");
        const auto cves = patch.strings("advisories").size();
        if (cves) std::cout << "  (" << cves << (cves == 1 ? " CVE)" : " CVEs)");
        std::cout << "\n";
    }
    std::cout << "state    " << run.string("state") << ", stage " << run.string("stage") << "\n";
    if (!verdict.empty()) std::cout << "verdict  " << paint << verdict << (colour ? "\033[0m" : "") << "\n";
    if (run.has("summary")) std::cout << "         " << run.string("summary") << "\n";
    for (const JsonReader& reason : run.objects("reasons"))
        std::cout << "reason   " << reason.string("kind") << "  " << reason.string("machine") << "  " << reason.string("subject") << "\n         "
                  << reason.string("detail").substr(0, 300) << "\n";
    if (verdict.empty()) return;
    const JsonReader changes = run.object("changes");
    std::cout << "checks   " << run.objects("checks").size() << "\n"
              << "changes  " << changes.integer("total") << " (" << changes.integer("explained") << " explained, " << changes.integer("noise")
              << " noise, " << changes.integer("unexplained") << " unexplained)\n";
    if (run.has("evidence")) std::cout << "evidence " << (context.state() / run.string("evidence")).string() << "\n";
}

void finish_start(Context& context, const std::string& id) {
    const pipeline::RunState state = follow_run(context, id);
    if (state.progress == RunProgress::cancelled) throw Error(ErrorCode::lab, "run " + id + " was cancelled");
    if (state.progress != RunProgress::finished)
        throw Error(ErrorCode::lab, "run " + id + ": " + last_fault(state), "go on with: patchlab run resume " + id);
    const Json document = document_of(context, id);
    context.print(document, [&] { print_run(context, document); });
    context.exit = exit_of(state.verdict);
}

void start(Context& context, const StartOptions& options) {
    const pipeline::StoredLab lab = pipeline::LabStore(context.database()).get(options.lab);
    images::ImageStore images(context.state(), context.database());
    intake::PatchStore store(context.state(), context.database());
    std::vector<intake::Patch> patches;
    for (const std::string& id : options.patches) patches.push_back(store.get(id));
    const pipeline::Backend backend = make_backend(context);
    pipeline::RunPlan plan = pipeline::plan_lab(lab, images, backend, options.suites);
    pipeline::plan_patches(plan, patches, images, options.allow_downgrade);
    plan.request.drill = !options.no_drill;
    plan.request.endure = !options.no_endure;
    plan.request.apply_deadline = options.apply_deadline;
    const std::string id = start_worker(context, plan, backend);
    if (!options.detach) return finish_start(context, id);
    context.print({{"schema", "patchlab/run-started/v1"}, {"id", id}}, [&] { std::cout << id << "\n"; });
}

void add_start(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("start", "rehearse patches in a lab; the exit code is the verdict");
    auto options = std::make_shared<StartOptions>();
    verb->add_option("--lab", options->lab, "the lab")->required();
    verb->add_option("--patch", options->patches, "a candidate patch (repeatable: all are installed together)")->required();
    verb->add_option("--suite", options->suites, "a suite to run on every machine besides its own (repeatable)");
    verb->add_flag("--detach", options->detach, "print the run's id and return; see: run log -f");
    verb->add_flag("--no-drill", options->no_drill, "do not practise the way back");
    verb->add_flag("--no-endure", options->no_endure, "do not reboot the patched machines to look at them once more");
    verb->add_flag("--allow-downgrade", options->allow_downgrade, "rehearse a patch that is older than what is installed");
    verb->add_option("--apply-deadline", options->apply_deadline, "seconds an installation may take on one machine")->check(CLI::Range(1.0, 86400.0));
    add_json_flag(*verb, context);
    verb->callback([&context, options] { start(context, *options); });
}

void add_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the runs, newest first");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        Json runs = Json::array();
        std::vector<std::vector<std::string>> rows;
        for (const pipeline::RunRow& run : pipeline::RunStore(context.state(), context.database()).list()) {
            runs.push_back({{"id", run.id},
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
            for (const std::string& patch : run.patches) patches += (patches.empty() ? "" : ", ") + patch;
            rows.push_back({run.id, run.lab, patches, run.progress, run.progress == "finished" ? "" : run.stage, run.verdict, run.requested});
        }
        context.print({{"schema", "patchlab/runs/v1"}, {"runs", runs}},
                      [&] { print_table(context, {"RUN", "LAB", "PATCHES", "STATE", "STAGE", "VERDICT", "REQUESTED"}, rows); });
    });
}

CLI::App* add_verb_on_run(CLI::App& noun, const std::string& name, const std::string& what, std::shared_ptr<std::string> id) {
    CLI::App* verb = noun.add_subcommand(name, what);
    verb->add_option("RUN", *id, "the run's id")->required();
    return verb;
}

void add_show(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    CLI::App* verb = add_verb_on_run(noun, "show", "show a run: where it is, or its verdict and why", id);
    add_json_flag(*verb, context);
    verb->callback([&context, id] {
        const Json document = document_of(context, *id);
        context.print(document, [&] { print_run(context, document); });
    });
}

void print_event(const Json& event) {
    const JsonReader in(event, "event");
    std::cout << in.string("time") << "  " << in.string("stage") << ": " << in.string("text") << std::endl;
}

void add_log(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    auto live = std::make_shared<bool>(false);
    CLI::App* verb = add_verb_on_run(noun, "log", "show what happened in a run", id);
    verb->add_flag("-f,--follow", *live, "go on until the run is over");
    verb->callback([&context, id, live] {
        pipeline::RunStore runs(context.state(), context.database());
        const pipeline::RunRow row = runs.get(*id);
        const bool over = row.progress == "finished" || row.progress == "cancelled" || row.progress == "interrupted";
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

void add_resume(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    auto detach = std::make_shared<bool>(false);
    CLI::App* verb = add_verb_on_run(noun, "resume", "take up a run whose worker was lost", id);
    verb->add_flag("--detach", *detach, "return at once");
    add_json_flag(*verb, context);
    verb->callback([&context, id, detach] {
        pipeline::RunStore runs(context.state(), context.database());
        const pipeline::RunRow row = runs.get(*id);
        if (row.progress == "running") throw Error(ErrorCode::conflict, "run " + *id + " is under way", "follow it: patchlab run log -f " + *id);
        if (row.progress == "cancelled") throw Error(ErrorCode::conflict, "run " + *id + " was cancelled", "start a new one");
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
        if (state.progress != RunProgress::finished || !state.faults.empty()) throw Error(ErrorCode::lab, "preparing lab '" + row.lab + "': " + last_fault(state));
    });
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("run", "rehearsals of patches in a lab");
    noun->require_subcommand(1);
    add_start(*noun, context);
    add_list(*noun, context);
    add_show(*noun, context);
    add_log(*noun, context);
    add_cancel(*noun, context);
    add_resume(*noun, context);
    add_worker(app, context);
}

}  // namespace patchlab::cli
