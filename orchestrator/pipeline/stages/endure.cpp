// SPDX-License-Identifier: Apache-2.0
//
// Stage endure: does what works now still work after the machine's next start? A patch may break the boot, a unit that is only read
// at start, or a service that survives exactly one restart; production would learn it weeks later. The patched machines are rebooted,
// tested, captured and compared once more, into a folder of their own below the trial's.
// Passed over where it could teach nothing: the patch's own reboot was this one already (then only its boot is looked at again, if it seems
// slow), or the run condemns the patch anyway.
#include <algorithm>

#include "orchestrator/pipeline/stages/beside.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

namespace {

bool condemns(const std::vector<Reason>& reasons) {
    return std::any_of(reasons.begin(), reasons.end(), [](const Reason& reason) { return reason.effect == Effect::rejects; });
}

/// What is known halfway, for who waits: the next start and the way back take most of a run's time.
std::string said_so_far(const std::vector<Reason>& reasons) {
    if (reasons.empty()) return "so far nothing speaks against the patch";
    const std::string more = reasons.size() > 1 ? " and " + std::to_string(reasons.size() - 1) + " more" : "";
    return "so far " + reasons.front().kind + ": " + reasons.front().subject + more;
}

bool boot_seems_slow(const Trial& trial, const fs::path& captured, const std::string& machine) {
    std::vector<snapshots::Capture> unpatched{trial.lab.baseline(machine).capture};
    for (Findings& control : trial.lab.control_findings(machine, {ControlKind::reboot})) unpatched.push_back(std::move(control.capture));
    const std::vector<Reason> reasons = regressions_of_measures(machine, unpatched, read_findings(captured, machine, false).capture, true);
    return std::any_of(reasons.begin(), reasons.end(), [](const Reason& reason) { return reason.subject == boot_time; });
}

/// A boot that seems slower is looked at once more before anybody calls it so. `captured`: the folder of what was found after it.
void look_at_boots(const Trial& trial, const fs::path& captured) {
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        if (!boot_seems_slow(trial, captured, name)) continue;
        trial.tell(Stage::endure, name + ": rebooting beside an unpatched clone, its start seems slower");
        boot_beside(trial, name);
    }
}

}  // namespace

fs::path endure_folder(const fs::path& trial) { return trial / "endure"; }

StageEnd endure(const Trial& trial) {
    if (!trial.run.request.endure) return StageEnd::ok;
    const std::vector<Reason> reasons = reasons_so_far(trial.run, trial.lab, trial.folder);
    trial.tell(Stage::endure, said_so_far(reasons));
    if (condemns(reasons)) return StageEnd::ok;
    if (needs_reboot(trial.run.request)) {
        look_at_boots(trial, trial.folder);
        return StageEnd::ok;
    }
    const Stopwatch watch;
    const Trial later{trial.run, trial.lab, endure_folder(trial.folder), trial.session};
    remove_tree(later.folder);
    make_folder(later.folder, 0711);
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        trial.session.release(name);
        trial.tell(Stage::endure, name + ": rebooting, to see that it works after its next start, too");
        trial.session.reboot(name, trial.lab.boot_seconds());
        if (!wait_until_settled(trial.session.channel(name), Seconds(180)))
            later.add_reason({"health", name, "service manager", "jobs were still running 180 s after the reboot", Effect::review});
    }
    test_machines(later, Stage::endure);
    look_at_clocks(later);
    observe_machines(later, Stage::endure);
    compare_machines(later);
    look_at_boots(trial, later.folder);
    write_json(later.folder / "endure.json", {{"rebooted", true}, {"seconds", watch.seconds()}});
    return StageEnd::ok;
}

}  // namespace patchlab::pipeline
