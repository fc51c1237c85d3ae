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
#include "orchestrator/pipeline/stages/beside.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "orchestrator/pipeline/verdict/assess.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

/// A boot that seems slower is looked at once more before anybody calls it so. `next_start`: the
/// boot of this stage, else the patch's own.
void look_at_boots(const Trial& trial, FindingsReader& findings, bool next_start) {
    for (const std::string& machine : slow_boots(findings.read(trial.folder), next_start)) {
        trial.tell(Stage::endure,
                   machine + ": rebooting beside an unpatched clone, its start seems slower");
        boot_beside(trial, machine);
    }
}

std::vector<Reason> known_by_now(const Trial& trial, FindingsReader& findings) {
    return assess(findings.read(trial.folder), Moment::started).reasons;
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
std::vector<Reason> settle_doubts(const Trial& trial, FindingsReader& findings,
                                  const std::vector<Reason>& before, std::vector<Reason> now) {
    if (!shows_new_trouble(before, now)) return now;
    const Trial again{trial.run, trial.lab, again_folder(trial.folder), trial.session};
    make_folder(again.folder, 0710);
    start_all(again, in_doubt);
    test_machines(again, Stage::endure);
    observe_machines(again, Stage::endure);
    return known_by_now(trial, findings);
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

void endure(const Trial& trial, FindingsReader& findings, const std::vector<Reason>& known) {
    remove_tree(endure_folder(trial.folder));
    remove_tree(again_folder(trial.folder));
    if (needs_reboot(trial.run.request)) {
        const bool asked = trial.run.request.endure;
        if (!condemns(settle_doubts(trial, findings, {}, known)) && asked)
            look_at_boots(trial, findings, false);
        return;
    }
    const Stopwatch watch;
    const Trial later{trial.run, trial.lab, endure_folder(trial.folder), trial.session};
    make_folder(later.folder, 0710);
    start_all(later, "rebooting, to see that it works after its next start, too");
    test_machines(later, Stage::endure);
    look_at_speed(later, Stage::endure);
    look_at_clocks(later);
    observe_machines(later, Stage::endure);
    compare_machines(later, Texts::kept);
    write_json(later.folder / "endure.json", {{"rebooted", true}, {"seconds", watch.seconds()}});
    if (!condemns(settle_doubts(trial, findings, known, known_by_now(trial, findings))))
        look_at_boots(trial, findings, true);
}

}  // namespace patchlab::pipeline
