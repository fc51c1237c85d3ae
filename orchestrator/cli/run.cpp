// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/operations/worker_process.hpp"

namespace patchlab::cli {

namespace {

std::vector<std::string> row_of(const JsonReader& run) {
    std::string patches = run.string("kind") == "prepare" ? "(prepares the lab)" : "";
    for (const std::string& patch : run.strings("patches"))
        patches += (patches.empty() ? "" : ", ") + patch;
    const std::string state = run.string("state");
    return {run.string("id"),
            run.string("lab"),
            patches,
            state,
            state == "finished" ? "" : run.string("stage"),
            run.string_or("verdict", ""),
            run.string("requested")};
}

void add_run_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the runs, newest first");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        const Json document = context.invoke("run.list", Json::object());
        context.print(document, [&] {
            std::vector<std::vector<std::string>> rows;
            for (const JsonReader& run : JsonReader(document, "runs").objects("runs"))
                rows.push_back(row_of(run));
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
        const Json document = context.invoke("run.show", {{"run", *id}});
        context.print(document, [&] { print_run(context, document); });
    });
}

void print_event(const std::string& time, const std::string& stage, const std::string& text) {
    std::cout << time << "  " << stage << ": " << text << std::endl;
}

/// The log as it grows. Ctrl-C ends the program and not the run.
class GrowingLog : public operations::NoEvents {
  public:
    void run_event(const operations::RunEvent& event) override {
        print_event(event.time, event.stage, event.text);
    }
};

void add_run_log(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    auto live = std::make_shared<bool>(false);
    CLI::App* verb = add_verb_on_run(noun, "log", "show what happened in a run", id);
    verb->add_flag("-f,--follow", *live, "go on until the run is over");
    verb->callback([&context, id, live] {
        GrowingLog log;
        if (*live) {
            context.invoke("run.watch", {{"run", *id}}, log);
            return;
        }
        const Json document = context.invoke("run.log", {{"run", *id}});
        for (const JsonReader& event : JsonReader(document, "log").objects("events"))
            print_event(event.string("time"), event.string("stage"), event.string("text"));
    });
}

void add_cancel(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    CLI::App* verb = add_verb_on_run(noun, "cancel", "stop a run; it leaves no verdict", id);
    verb->callback([&context, id] {
        context.invoke("run.cancel", {{"run", *id}});
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
        const Json document = context.invoke("run.resume", {{"run", *id}, {"detach", *detach}});
        if (is_run_document(document))
            context.print(document, [&] { print_run(context, document); });
    });
}

/// The hidden verb that a worker process runs: `patchlab internal-worker RUN-FOLDER`.
void add_worker(CLI::App& app, Context& context) {
    CLI::App* verb =
        app.add_subcommand("internal-worker", "carries one run; started by patchlab itself");
    verb->group("");  // hidden
    auto path = std::make_shared<std::string>();
    verb->add_option("FOLDER", *path)->required();
    verb->callback(
        [&context, path] { context.exit = operations::work_on_run(context.session(), *path); });
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
