// SPDX-License-Identifier: Apache-2.0
//
// `run start`: the words of the three operations run.start, run.each and run.bisect.
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

struct StartOptions {
    std::string lab;
    std::vector<std::string> patches;
    std::vector<std::string> suites;
    bool detach = false;
    bool each = false;
    bool bisect = false;
    unsigned jobs = 0;  ///< runs at once; 0: as many as the host bears
    bool dependents = false;
    bool no_drill = false;
    bool no_endure = false;
    bool allow_downgrade = false;
    double apply_deadline = 1200;
    double stall_after = 120;
    std::vector<std::string> faults;
    std::string queue;  ///< empty: as the configuration says
};

Json request_of(const StartOptions& options) {
    Json request{{"lab", options.lab},
                 {"patches", options.patches},
                 {"suites", options.suites},
                 {"dependents", options.dependents},
                 {"drill", !options.no_drill},
                 {"reboot_check", !options.no_endure},
                 {"allow_downgrade", options.allow_downgrade},
                 {"apply_deadline", options.apply_deadline},
                 {"stall_after", options.stall_after},
                 {"faults", options.faults}};
    if (!options.queue.empty()) request["queue"] = options.queue;
    return request;
}

void print_each(Context& context, const Json& document) {
    Rows rows;
    for (const JsonReader& run : JsonReader(document, "runs").objects("runs"))
        rows.push_back({run.string_or("id", ""), run.string("patch"), run.string_or("verdict", ""),
                        run.string_or("summary", run.string_or("error", ""))});
    print_table(context, {"RUN", "PATCH", "VERDICT", "WHY"}, rows);
}

void print_bisect(Context& context, const Json& document) {
    if (is_run_document(document)) return print_run(context, document);
    const JsonReader found(document, "bisect");
    std::cout << "bundle   " << found.string("bundle") << " is rejected\n";
    for (const JsonReader& step : found.objects("steps"))
        std::cout << "tried    " << joined(step.strings("patches")) << ": "
                  << step.string("verdict") << "  (" << step.string("run") << ")\n";
    std::cout << "smallest " << joined(found.strings("smallest")) << "\n";
    if (!found.boolean("certain"))
        std::cout << "         a trial on the way gave no answer: a smaller set may be hidden\n";
}

void start(Context& context, const StartOptions& options) {
    Json request = request_of(options);
    if (options.each) {
        if (options.detach)
            throw Error(ErrorCode::invalid, "--each follows its runs and cannot be detached",
                        "start each patch with --detach instead");
        request["jobs"] = options.jobs;
        const Json runs = context.invoke("run.each", request);
        return context.print(runs, [&] { print_each(context, runs); });
    }
    if (options.bisect) {
        const Json found = context.invoke("run.bisect", request);
        return context.print(found, [&] { print_bisect(context, found); });
    }
    request["detach"] = options.detach;
    const Json run = context.invoke("run.start", request);
    context.print(run, [&] {
        if (options.detach) std::cout << run.at("id").get<std::string>() << "\n";
        else print_run(context, run);
    });
}

}  // namespace

void add_run_start(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("start", "rehearse patches in a lab; the exit code is the verdict");
    auto options = std::make_shared<StartOptions>();
    verb->add_option("--lab", options->lab, "the lab")->required();
    verb->add_option("--patch", options->patches,
                     "a candidate patch (repeatable: all are installed together)")
        ->required();
    verb->add_option("--suite", options->suites,
                     "a suite to run on every machine besides its own (repeatable)");
    verb->add_flag("--dependents", options->dependents,
                   "run the suites of what depends on the patches in the images, too");
    CLI::Option* detach = verb->add_flag("--detach", options->detach,
                                         "print the run's id and return; see: run log -f");
    CLI::Option* each =
        verb->add_flag("--each", options->each,
                       "a run for each patch by itself, as many at once as this host bears");
    verb->add_flag("--bisect", options->bisect,
                   "when the patches are rejected together, find the smallest set of them that is "
                   "by itself")
        ->excludes(each)
        ->excludes(detach);
    verb->add_option("--jobs", options->jobs,
                     "with --each: so many runs at once (default: by cores and memory)")
        ->needs(each)
        ->check(CLI::Range(1, 64));
    verb->add_flag("--no-drill", options->no_drill, "do not practise the way back");
    verb->add_flag("--no-reboot-check", options->no_endure,
                   "do not reboot the patched machines to look at them once more");
    verb->add_flag("--no-endure", options->no_endure)->group("");  // its former name
    verb->add_option("--faults", options->faults,
                     "faults during the installation: power-cut, disk-full, second-reboot")
        ->delimiter(',')
        ->check(CLI::IsMember({"power-cut", "disk-full", "second-reboot"}));
    verb->add_flag("--allow-downgrade", options->allow_downgrade,
                   "rehearse a patch that is older than what is installed");
    add_duration(*verb, "--apply-deadline", options->apply_deadline,
                 "how long an installation may take on one machine; twice that while its log goes "
                 "on (default: 20m)");
    add_duration(*verb, "--stall-after", options->stall_after,
                 "when an installation that uses neither processor nor disk nor its log is ended "
                 "as stalled (default: 2m); raise it for scripts that sleep for long");
    add_queue(*verb, options->queue);
    add_json_flag(*verb, context);
    verb->callback([&context, options] { start(context, *options); });
}

}  // namespace patchlab::cli
