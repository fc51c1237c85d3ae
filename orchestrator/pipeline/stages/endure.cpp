// SPDX-License-Identifier: Apache-2.0
//
// Stage endure: does what works now still work after the machine's next start? A patch may break
// the boot, a unit that is only read at start, or a service that survives exactly one restart;
// production would learn it weeks later. The patched machines are rebooted, tested, captured and
// compared once more, into a folder of their own below the trial's. Passed over where it could
// teach nothing: the patch's own reboot was this one already (then only its boot is looked at
// again, if it seems slow), or the run condemns the patch anyway. A start that shows trouble is
// followed by another: a machine's start may complain of something that its next one does not,
// patched or not.
#include <algorithm>

#include "orchestrator/pipeline/stages/beside.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

bool condemns(const std::vector<Reason>& reasons) {
    return std::any_of(reasons.begin(), reasons.end(),
                       [](const Reason& reason) { return reason.effect == Effect::rejects; });
}

/// What is known halfway, for who waits: the next start and the way back take most of a run's time.
std::string said_so_far(const std::vector<Reason>& reasons) {
    if (reasons.empty()) return "so far nothing speaks against the patch";
    const std::string more =
        reasons.size() > 1 ? " and " + std::to_string(reasons.size() - 1) + " more" : "";
    return "so far " + std::string(name(reasons.front().kind)) + ": " + reasons.front().subject +
           more;
}

bool boot_seems_slow(const Trial& trial, const fs::path& captured, const std::string& machine) {
    std::vector<snapshots::Capture> unpatched{trial.lab.baseline(machine).capture};
    for (Findings& control : trial.lab.control_findings(machine, {ControlKind::reboot}))
        unpatched.push_back(std::move(control.capture));
    const std::vector<Reason> reasons = regressions_of_measures(
        machine, unpatched, read_findings(captured, machine, false).capture, true);
    return std::any_of(reasons.begin(), reasons.end(),
                       [](const Reason& reason) { return reason.subject == boot_time; });
}

/// A boot that seems slower is looked at once more before anybody calls it so. `captured`: the
/// folder of what was found after it.
void look_at_boots(const Trial& trial, const fs::path& captured) {
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        if (!boot_seems_slow(trial, captured, name)) continue;
        trial.tell(Stage::endure,
                   name + ": rebooting beside an unpatched clone, its start seems slower");
        boot_beside(trial, name);
    }
}

void start_all(const Trial& trial, const std::string& why) {
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        if (!reboot_and_settle(trial, Stage::endure, name, why))
            trial.add_unsettled(name, "the reboot");
    }
}

/// One more start when `now`, after a start, tells of troubles that `before` does not; findings in
/// again_folder(). Gives what is known then.
std::vector<Reason> settle_doubts(const Trial& trial, const std::vector<Reason>& before,
                                  std::vector<Reason> now) {
    const auto is_new_trouble = [&](const Reason& reason) {
        return is_trouble(reason) && !contains_reason(before, reason);
    };
    if (std::none_of(now.begin(), now.end(), is_new_trouble)) return now;
    const Trial again{trial.run, trial.lab, again_folder(trial.folder), trial.session};
    make_folder(again.folder, 0711);
    start_all(again, in_doubt);
    test_machines(again, Stage::endure);
    observe_machines(again, Stage::endure);
    return reasons_so_far(trial.run, trial.lab, trial.folder);
}

}  // namespace

fs::path endure_folder(const fs::path& trial) { return trial / "endure"; }
fs::path again_folder(const fs::path& trial) { return trial / "again"; }

bool reboot_and_settle(const Trial& trial, Stage stage, const std::string& machine,
                       const std::string& why) {
    trial.session.release(machine);
    trial.tell(stage, machine + ": " + why);
    trial.session.reboot(machine, trial.lab.boot_seconds());
    return wait_until_settled(trial.session.channel(machine), trial.lab.settling_time());
}

StageEnd endure(const Trial& trial, const std::vector<Reason>& known) {
    const bool asked = trial.run.request.endure;
    const bool was_rebooted = needs_reboot(trial.run.request);
    if (!asked && !was_rebooted) return StageEnd::ok;
    remove_tree(endure_folder(trial.folder));
    remove_tree(again_folder(trial.folder));
    trial.tell(Stage::endure, said_so_far(known));
    if (was_rebooted) {
        if (!condemns(settle_doubts(trial, {}, known)) && asked) look_at_boots(trial, trial.folder);
        return StageEnd::ok;
    }
    if (condemns(known)) return StageEnd::ok;
    const Stopwatch watch;
    const Trial later{trial.run, trial.lab, endure_folder(trial.folder), trial.session};
    make_folder(later.folder, 0711);
    start_all(later, "rebooting, to see that it works after its next start, too");
    test_machines(later, Stage::endure);
    look_at_clocks(later);
    observe_machines(later, Stage::endure);
    compare_machines(later);
    write_json(later.folder / "endure.json", {{"rebooted", true}, {"seconds", watch.seconds()}});
    if (!condemns(settle_doubts(trial, known, reasons_so_far(trial.run, trial.lab, trial.folder))))
        look_at_boots(trial, later.folder);
    return StageEnd::ok;
}

}  // namespace patchlab::pipeline
