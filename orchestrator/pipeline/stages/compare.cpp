// SPDX-License-Identifier: Apache-2.0
//
// Stage compare: what the trial wrote to the disks, read from the overlays while the machines stand
// still.
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "snapshots/contents.hpp"

namespace patchlab::pipeline {

void compare_machines(const Trial& trial, Texts texts) {
    const RunRequest& request = trial.run.request;
    const bool keep = texts == Texts::kept && request.lab.keep_contents;
    for (const MachineRequest& machine : request.machines) {
        const std::string& name = machine.definition.name;
        during("comparing the disk of machine '" + name + "'", [&] {
            const auto rules = attribution_rules(request, name);
            disk::OverlayQuery query{trial.lab.disk(name), trial.session.overlay(name)};
            if (keep) query.keep = snapshots::texts_to_keep(rules);
            const disk::OverlayComparison files = trial.run.backend.compare_disks(query);
            write_files(trial.folder, name, files);
            if (texts == Texts::kept)
                write_json(trial.folder / (name + "-contents.json"),
                           keep ? snapshots::contents_document(files.changes, rules)
                                : snapshots::no_contents_document());
        });
    }
}

void account_for(std::vector<snapshots::Change>& changes, const RunContext& run,
                 const std::string& machine, const snapshots::Registries& registries,
                 const snapshots::Capture& before, const UnpatchedChanges& unpatched) {
    const snapshots::AttributionRules rules = attribution_rules(run.request, machine);
    const auto& packages = run.contents->of(run.request, machine, installed_packages(before));
    snapshots::subtract_noise(changes, unpatched.controls, rules, packages);
    subtract_unpatched(changes, unpatched.known);
    snapshots::attribute(changes, packages, rules, registries, &before);
}

std::vector<snapshots::Change> changes_of(const RunContext& run, const PreparedLab& lab,
                                          const fs::path& trial_folder, const std::string& machine,
                                          bool rebooted) {
    const Findings before = lab.baseline(machine);
    Findings after = read_findings(trial_folder, machine, true);
    const snapshots::Registries registries(before.capture, after.capture);
    auto changes = snapshots::find_changes(
        machine, {before.capture, std::move(after.capture), std::move(after.files)});
    std::vector<ControlKind> kinds{ControlKind::plain, ControlKind::restart};
    if (rebooted) kinds.push_back(ControlKind::reboot);
    account_for(changes, run, machine, registries, before.capture,
                {lab.control_changes(machine, kinds), read_unpatched(run.request, lab, machine)});
    return changes;
}

void compare(const Trial& trial) {
    trial.tell(Stage::compare, "reading what was written to the disks");
    compare_machines(trial, Texts::kept);
}

}  // namespace patchlab::pipeline
