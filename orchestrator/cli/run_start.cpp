// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/run_start.hpp"

#include <iostream>

#include "orchestrator/cli/backends.hpp"
#include "orchestrator/cli/run_following.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

using pipeline::RunProgress;

Rehearsals::Rehearsals(Context& context, const StartOptions& wanted)
    : options(wanted),
      context_(context),
      lab_(pipeline::LabStore(context.database()).get(wanted.lab)),
      images_(context.state(), context.database()),
      backend_(make_backend(context)) {}

pipeline::RunPlan Rehearsals::plan(const std::vector<intake::Patch>& patches) {
    pipeline::RunPlan plan = pipeline::plan_lab(lab_, images_, backend_, options.suites);
    pipeline::plan_patches(plan, patches, images_, options.allow_downgrade);
    plan.request.drill = !options.no_drill;
    plan.request.endure = !options.no_endure;
    plan.request.apply_deadline = options.apply_deadline;
    plan.request.faults = options.faults;
    return plan;
}

std::string Rehearsals::start(const std::vector<intake::Patch>& patches) {
    pipeline::RunPlan wanted = plan(patches);
    return start_worker(context_, wanted, backend_);
}

void finish_start(Context& context, const std::string& id) {
    conclude(context, id, follow_run(context, id));
}

void conclude(Context& context, const std::string& id, const pipeline::RunState& state) {
    if (state.progress == RunProgress::cancelled)
        throw Error(ErrorCode::lab, "run " + id + " was cancelled");
    if (state.progress != RunProgress::finished)
        throw Error(ErrorCode::lab, "run " + id + ": " + last_fault(state),
                    "go on with: patchlab run resume " + id);
    const Json document = document_of(context, id);
    context.print(document, [&] { print_run(context, document); });
    context.exit = exit_of(state.verdict);
}

namespace {

void start(Context& context, const StartOptions& options) {
    intake::PatchStore store(context.state(), context.database());
    std::vector<intake::Patch> patches;
    for (const std::string& id : options.patches) patches.push_back(store.get(id));
    Rehearsals rehearsals(context, options);
    if (options.each) return start_each(context, rehearsals, patches);
    if (options.bisect) return start_bisect(context, rehearsals, patches);
    const std::string id = rehearsals.start(patches);
    if (!options.detach) return finish_start(context, id);
    context.print({{"schema", "patchlab/run-started/v1"}, {"id", id}},
                  [&] { std::cout << id << "\n"; });
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
    verb->add_flag("--no-endure", options->no_endure,
                   "do not reboot the patched machines to look at them once more");
    verb->add_option("--faults", options->faults,
                     "faults during the installation: power-cut, disk-full, second-reboot")
        ->delimiter(',')
        ->check(CLI::IsMember({"power-cut", "disk-full", "second-reboot"}));
    verb->add_flag("--allow-downgrade", options->allow_downgrade,
                   "rehearse a patch that is older than what is installed");
    verb->add_option(
            "--apply-deadline", options->apply_deadline,
            "seconds an installation may take on one machine; twice that while its log goes on")
        ->check(CLI::Range(1.0, 86400.0));
    add_json_flag(*verb, context);
    verb->callback([&context, options] { start(context, *options); });
}

}  // namespace patchlab::cli
