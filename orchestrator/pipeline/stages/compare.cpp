// SPDX-License-Identifier: Apache-2.0
//
// Stage compare: what the trial wrote to the disks, read from the overlays while the machines stand
// still.
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"

namespace patchlab::pipeline {

void compare_machines(const Trial& trial) {
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        during("comparing the disk of machine '" + name + "'", [&] {
            write_files(trial.folder, name,
                        trial.run.backend.compare_disks(
                            {trial.lab.disk(name), trial.session.overlay(name)}));
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
    compare_machines(trial);
}

}  // namespace patchlab::pipeline
