// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/operations/queues.hpp"
#include "orchestrator/operations/worker_process.hpp"
#include "platform/core/json_text.hpp"

namespace patchlab::cli {

namespace {

/// Its stage, and where a scheduler has it.
std::string stage_of(const JsonReader& run) {
    if (run.string("state") == "finished") return "";
    if (!run.has("place")) return run.string("stage");
    const JsonReader place = run.object("place");
    if (place.string("state") == "working")
        return run.string("stage") + " on " + place.string_or("host", "?");
    const std::string reason = place.string_or("reason", "");
    return "waits" + (reason.empty() ? "" : ": " + reason);
}

Cells run_row(const JsonReader& run) {
    std::string patches = run.string("kind") == "prepare" ? "(prepares the lab)" : "";
    for (const std::string& patch : run.strings("patches"))
        patches += (patches.empty() ? "" : ", ") + patch;
    const std::string state = run.string("state");
    return {run.string("id"),
            run.string("lab"),
            patches,
            state,
            stage_of(run),
            run.string_or("verdict", ""),
            run.string("requested"),
            run.string_or("finished", ""),
            run.string("requester")};
}

void add_run_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the runs, newest first");
    auto words = add_list_options(
        *verb, context,
        {{"--lab", "lab", "only runs in this lab"},
         {"--verdict", "verdict", "only validated, needs-review, rejected or inconclusive"},
         {"--state", "state", "only queued, running, interrupted, finished or cancelled"},
         {"--patch", "patches", "only runs of this patch"},
         {"--user", "requester", "only runs that this user asked for"},
         {"--kind", "kind", "only rehearse or prepare"}});
    verb->callback([&context, words] {
        const Json document = context.invoke("run.list", list_request(*words));
        print_list(context, document, "runs",
                   {"RUN", "LAB", "PATCHES", "STATE", "STAGE", "VERDICT", "REQUESTED",
                    wide("FINISHED"), wide("BY")},
                   run_row, "No runs. Start one with: patchlab run start --lab LAB --patch ID");
    });
}

std::shared_ptr<bool> add_exit_code(CLI::App& verb, const std::string& what) {
    auto wanted = std::make_shared<bool>(false);
    verb.add_flag("--exit-code", *wanted, "the exit code is " + what);
    return wanted;
}

CLI::App* add_verb_on_run(CLI::App& noun, const std::string& name, const std::string& what,
                          std::shared_ptr<std::string> id) {
    CLI::App* verb = noun.add_subcommand(name, what);
    verb->add_option("RUN", *id, "the run: its id, the beginning of it, its number, or @last")
        ->required();
    return verb;
}

void add_run_show(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    CLI::App* verb =
        add_verb_on_run(noun, "show", "show a run: where it is, or its verdict and why", id);
    add_output_options(*verb, context);
    auto exit_code = add_exit_code(*verb, "the verdict; 3 without one");
    verb->callback([&context, id, exit_code] {
        const Json document = context.invoke("run.show", {{"run", *id}, {"exit_code", *exit_code}});
        context.print(document, [&] { print_run(context, document); });
    });
}

void print_event(const std::string& time, const std::string& stage, const std::string& text,
                 bool json) {
    if (json) {
        std::cout << to_plain_line({{"schema", "patchlab/run-event/v1"},
                                    {"occurred_at", time},
                                    {"time", time},
                                    {"stage", stage},
                                    {"text", text}})
                  << std::flush;
        return;
    }
    std::cout << one_line(time) << "  " << one_line(stage) << ": " << one_line(text) << std::endl;
}

/// The log as it grows. Ctrl-C ends the program and not the run.
class GrowingLog : public operations::NoEvents {
  public:
    explicit GrowingLog(bool json) : json_(json) {}
    void run_event(const operations::RunEvent& event) override {
        print_event(event.time, event.stage, event.text, json_);
    }

  private:
    bool json_;
};

void add_run_log(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    auto live = std::make_shared<bool>(false);
    CLI::App* verb = add_verb_on_run(noun, "log", "show what happened in a run", id);
    verb->add_flag("-f,--follow", *live, "go on until the run is over");
    auto exit_code = add_exit_code(*verb, "the verdict, 3 without one; with -f");
    verb->add_flag("--json", context.json, "a JSON document a line, for programs");
    verb->callback([&context, id, live, exit_code] {
        GrowingLog log(context.json);
        if (*live) {
            context.invoke("run.watch", {{"run", *id}, {"exit_code", *exit_code}}, log);
            return;
        }
        const Json document = context.invoke("run.log", {{"run", *id}});
        for (const JsonReader& event : JsonReader(document, "log").objects("events"))
            print_event(event.string("time"), event.string("stage"), event.string("text"),
                        context.json);
    });
}

void add_cancel(CLI::App& noun, Context& context) {
    auto id = std::make_shared<std::string>();
    CLI::App* verb = add_verb_on_run(noun, "cancel", "stop a run; it leaves no verdict", id);
    add_json_flag(*verb, context);
    verb->callback([&context, id] {
        const Json cancelled = context.invoke("run.cancel", {{"run", *id}});
        context.print(cancelled, [&] {
            std::cout << "run " << cancelled.at("run").get<std::string>() << " cancelled\n";
        });
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
        context.print(document, [&] {
            if (is_run_document(document)) print_run(context, document);
        });
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

/// The hidden verb of the process that looks after runs on Slurm.
void add_queue_keeper(CLI::App& app, Context& context) {
    CLI::App* verb = app.add_subcommand("internal-queue-keeper",
                                        "looks after runs on Slurm; started by patchlab itself");
    verb->group("");  // hidden
    verb->callback([&context] { context.exit = operations::keep_queue(context.session()); });
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("run", "rehearsals of patches in a lab");
    noun->require_subcommand(1);
    add_run_start(*noun, context);
    add_run_list(*noun, context);
    add_run_show(*noun, context);
    add_run_log(*noun, context);
    add_run_comparing(*noun, context);
    add_cancel(*noun, context);
    add_run_resume(*noun, context);
    add_worker(app, context);
    add_queue_keeper(app, context);
}

}  // namespace patchlab::cli
