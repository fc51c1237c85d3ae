// SPDX-License-Identifier: Apache-2.0
//
// Stage compare: what the trial wrote to the disks, read from the overlays while the machines stand
// still.
#include "orchestrator/pipeline/lab/unpatched_record.hpp"
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
    const snapshots::AttributionRules known = attribution_rules(run.request, machine);
    const auto& packages =
        run.contents->of(run.request, machine, installed_packages(before.capture));
    snapshots::subtract_noise(changes, lab.control_changes(machine, kinds), known, packages);
    subtract_unpatched(changes, read_unpatched(run.request, lab, machine));
    snapshots::attribute(changes, packages, known, registries, &before.capture);
    return changes;
}

void compare(const Trial& trial) {
    trial.tell(Stage::compare, "reading what was written to the disks");
    compare_machines(trial);
}

}  // namespace patchlab::pipeline
