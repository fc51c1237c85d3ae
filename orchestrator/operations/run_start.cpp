// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/run_start.hpp"

#include <algorithm>
#include <utility>

#include "orchestrator/operations/dependent_suites.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/sealed_run.hpp"
#include "orchestrator/pipeline/run/attempts.hpp"
#include "orchestrator/pipeline/verdict/run_document.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

using pipeline::RunProgress;

Rehearsals::Rehearsals(Call& call, const JsonReader& request)
    : faults(request.strings_or_empty("faults")),
      drill(request.boolean_or("drill", true)),
      reboot_check(request.boolean_or("reboot_check", true)),
      queue(request.string_or("queue", "")),
      call_(call),
      images_(call.session.state(), call.session.database()),
      suites_(request.strings_or_empty("suites")),
      dependents_(request.boolean_or("dependents", false)),
      allow_downgrade_(request.boolean_or("allow_downgrade", false)),
      apply_deadline_(request.number_or("apply_deadline", 1200)),
      stall_after_(request.number_or("stall_after", 120)) {
    intake::PatchStore store(call.session.state(), call.session.database());
    for (const std::string& id : request.strings("patches")) patches.push_back(store.get(id));
    lab_ = pipeline::LabStore(call.session.database()).get(request.string("lab"));
    backend_ = call.session.backend();
}

/// The same for all runs of a request, so that their results can be compared.
const std::vector<std::string>& Rehearsals::suites() {
    if (!std::exchange(dependents_, false)) return suites_;
    std::vector<DependentSuite> left_out;
    for (const DependentSuite& one : suites_of_dependents(lab_, images_, patches, left_out)) {
        if (std::find(suites_.begin(), suites_.end(), one.suite) != suites_.end()) continue;
        suites_.push_back(one.suite);
        call_.events.note("suite " + one.suite + " is run, too: " + one.why);
    }
    for (const DependentSuite& one : left_out)
        call_.events.note("suite " + one.suite + " is not run: " + one.why);
    return suites_;
}

pipeline::RunPlan Rehearsals::plan(const std::vector<intake::Patch>& some) {
    pipeline::RunPlan plan = pipeline::plan_lab(lab_, images_, backend_, suites());
    pipeline::plan_patches(plan, some, images_, allow_downgrade_);
    plan.request.drill = drill;
    plan.request.endure = reboot_check;
    plan.request.apply_deadline = apply_deadline_;
    plan.request.stall_after = stall_after_;
    plan.request.faults = faults;
    return plan;
}

std::string Rehearsals::start(const std::vector<intake::Patch>& some,
                              const RecordWithRun& besides) {
    pipeline::RunPlan wanted = plan(some);
    return submit_run(call_, wanted, backend_, besides, queue);
}

std::vector<pipeline::InstalledPackages> installed_in(Session& session,
                                                      const pipeline::RunRequest& request) {
    images::ImageStore images(session.state(), session.database());
    std::vector<pipeline::InstalledPackages> machines;
    for (const pipeline::MachineRequest& machine : request.machines) {
        pipeline::InstalledPackages& installed = machines.emplace_back();
        for (const disk::InstalledPackage& package :
             images.get(machine.definition.image).os.packages)
            installed[package.name] = package.version;
    }
    return machines;
}

Json place_of(Session& session, const pipeline::RunRow& run) {
    if (run.progress != "queued" && run.progress != "running") return nullptr;
    const auto attempt =
        pipeline::newest_attempt_of_queue(pipeline::RunFolder(session.state() / "runs" / run.id));
    if (!attempt || attempt->presence == pipeline::Presence::gone) return nullptr;
    const bool works = attempt->presence == pipeline::Presence::working;
    return {{"queue", attempt->queue},        {"state", works ? "working" : "waiting"},
            {"attempt", attempt->number},     {"job", or_null(attempt->job)},
            {"host", or_null(attempt->node)}, {"reason", or_null(attempt->reason)}};
}

Json document_of(Session& session, const std::string& id) {
    pipeline::RunStore runs(session.state(), session.database());
    const pipeline::RunRow row = runs.get(id);
    const pipeline::RunFolder folder = runs.folder(id);
    if (row.progress == "finished")
        if (auto sealed = sealed_document(session, row)) return *std::move(sealed);
    Json document =
        pipeline::progress_document(pipeline::read_request(folder.request()), folder.load());
    document["state"] = row.progress;
    if (Json place = place_of(session, row); !place.is_null()) document["place"] = std::move(place);
    // only evidence tells a verdict; a run that ended without any says nothing about its patch
    const bool over = row.progress == "finished" && row.kind == "rehearse";
    document["verdict"] = over ? Json("inconclusive") : Json(nullptr);
    return document;
}

std::string verdict_of(Session& session, const pipeline::RunRow& run) {
    if (run.kind != "rehearse" || run.progress != "finished") return "";
    return verdict_in(document_of(session, run.id));
}

std::string verdict_in(const Json& document) {
    return JsonReader(document, "run").string_or("verdict", "");
}

int exit_of(const std::string& verdict) {
    if (verdict == "validated") return 0;
    if (verdict == "rejected") return 1;
    if (verdict == "needs-review") return 5;
    return 3;
}

int exit_of_run(Session& session, const pipeline::RunRow& run, const std::string& verdict) {
    const bool prepared = run.kind == "prepare" && run.progress == "finished";
    if (!prepared) return exit_of(verdict);
    pipeline::RunStore runs(session.state(), session.database());
    return runs.folder(run.id).load().faults.empty() ? 0 : exit_of("");
}

Outcome conclude(Session& session, const std::string& id, const pipeline::RunState& state) {
    if (state.progress == RunProgress::cancelled)
        throw Error(ErrorCode::lab, "run " + id + " was cancelled");
    if (state.progress != RunProgress::finished)
        throw Error(ErrorCode::lab, "run " + id + ": " + last_fault(state),
                    "go on with: patchlab run resume " + id);
    Json document = document_of(session, id);
    const int exit = exit_of(verdict_in(document));
    return {std::move(document), exit};
}

Outcome start_run(Call& call, const JsonReader& request) {
    Rehearsals rehearsals(call, request);
    const std::string run = rehearsals.start(rehearsals.patches);
    if (request.boolean_or("detach", false))
        return {{{"schema", "patchlab/run-started/v1"}, {"id", run}}};
    return conclude(call.session, run, follow_run(call, run));
}

}  // namespace patchlab::operations
