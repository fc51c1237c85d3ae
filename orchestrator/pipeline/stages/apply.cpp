// SPDX-License-Identifier: Apache-2.0
//
// Stage apply: the patch travels in as a read-only disk and is installed unattended, at exactly the
// tested versions.
#include <algorithm>
#include <cmath>

#include "orchestrator/intake/patch_disk.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

/// What the package manager complains of now and did not before the patch.
std::string new_complaints(const std::string& audit, const std::vector<std::string>& before) {
    std::string fresh;
    for (const std::string& line : complaint_lines(audit))
        if (std::find(before.begin(), before.end(), line) == before.end())
            fresh += (fresh.empty() ? "" : "\n") + line;
    return fresh;
}

/// Why it failed, and whose fault that is: where the package system was not sound before, nothing
/// can be installed, and nothing is learnt about the patch.
Reason failure_of(const std::string& machine, const std::string& names,
                  const Installation& installation, const std::vector<std::string>& before) {
    Reason reason{ReasonKind::apply_failed, machine, names,
                  "the package manager ended with exit " + std::to_string(installation.exit_code) +
                      ": " + installation.why,
                  Effect::rejects};
    if (!before.empty()) {
        reason.effect = Effect::inconclusive;
        reason.detail += "; but the package system of this image was not sound before the patch (" +
                         before.front() + "): mend the image";
    }
    return reason;
}

std::string still_running(const Installation& installation) {
    const std::string after = std::to_string(std::lround(installation.seconds)) + " s";
    return installation.stalled
               ? "the installation had not ended after " + after + ", and nothing moved any more"
               : "the installation was still running after " + after;
}

void explain(const Trial& trial, const std::string& machine, const Installation& installation) {
    std::string names;
    for (const ExpectedPackage& package : installation.expected)
        names += (names.empty() ? "" : ", ") + package.name;
    const std::vector<std::string> before = trial.lab.complaints(machine);
    const std::string complaints = new_complaints(installation.audit, before);
    if (installation.stalled)
        trial.add_reason({ReasonKind::apply_stalled, machine, names,
                          described(*installation.stalled), Effect::rejects});
    if (installation.timed_out)
        trial.add_reason({ReasonKind::apply_timeout, machine, names,
                          still_running(installation) + "; the log names the process that hung",
                          Effect::rejects});
    else if (installation.exit_code != 0)
        trial.add_reason(failure_of(machine, names, installation, before));
    else if (!complaints.empty())
        trial.add_reason({ReasonKind::apply_failed, machine, names,
                          "the package manager ended with exit 0, and yet not all is well: " +
                              complaints.substr(0, 400),
                          Effect::rejects});
    for (const auto& [package, instead] : installation.wrong)
        if (!installation.timed_out && installation.exit_code == 0)
            trial.add_reason(
                {ReasonKind::wrong_version, machine, package,
                 "announced and tested is another version than what is there now: " + instead,
                 Effect::rejects});
}

/// Those of the packages that the machine's owner had put on hold.
std::vector<std::string> held_of(const Trial& trial, const InstallOrder& order) {
    std::vector<std::string> held = held_packages(trial.lab.baseline(order.machine).capture);
    std::erase_if(held, [&](const std::string& name) {
        return std::none_of(order.packages.begin(), order.packages.end(),
                            [&](const ExpectedPackage& package) { return package.name == name; });
    });
    return held;
}

}  // namespace

std::vector<InstalledPackages> installed_on_all(const RunRequest& request, const PreparedLab& lab) {
    std::vector<InstalledPackages> all;
    for (const MachineRequest& machine : request.machines)
        all.push_back(installed_packages(lab.baseline(machine.definition.name).capture));
    return all;
}

Event apply(const Trial& trial) {
    const RunRequest& request = trial.run.request;
    std::vector<const intake::Patch*> patches;
    for (const intake::Patch& patch : request.patches) patches.push_back(&patch);
    const fs::path disk = trial.folder / "patch.img";
    trial.tell(Stage::apply, "packing the patch disk");
    intake::make_patch_disk(patches, false, disk, *trial.run.backend.commands);

    const std::vector<InstalledPackages> everywhere = installed_on_all(request, trial.lab);
    bool sound = true, any = false;
    for (std::size_t i = 0; i < request.machines.size(); ++i) {
        const std::string& machine = request.machines[i].definition.name;
        InstallOrder order{
            machine, packages_for(request.patches, everywhere[i], everywhere), {}, disk};
        if (order.packages.empty()) continue;
        any = true;
        order.downgrade = request.allow_downgrade;
        order.deadline = Seconds(request.apply_deadline);
        order.stall_after = Seconds(request.stall_after);
        order.log = trial.logs(machine) / "apply.log";
        trial.tell(Stage::apply, machine + ": installing " + std::to_string(order.packages.size()) +
                                     (order.packages.size() == 1 ? " package" : " packages"));
        Installation installation = install(trial, order);
        installation.held = held_of(trial, order);
        for (const std::string& package : installation.held)
            trial.tell(Stage::apply, machine + ": " + package +
                                         " is on hold in the image; it was patched all the same, "
                                         "and stays on hold");
        write_json(trial.folder / (machine + "-apply.json"), to_json(installation));
        explain(trial, machine, installation);
        sound = sound && !installation.timed_out && installation.exit_code == 0;
    }
    if (!any)
        throw Error(ErrorCode::invalid,
                    "the patch has nothing to install on any machine of this lab: everything is at "
                    "its version already");
    return sound ? Event::ok : Event::negative;
}

}  // namespace patchlab::pipeline
