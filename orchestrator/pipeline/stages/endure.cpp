// SPDX-License-Identifier: Apache-2.0
//
// Stage endure: does what works now still work after the machine's next start? A patch may break the boot, a unit that is only read
// at start, or a service that survives exactly one restart; production would learn it weeks later. The patched machines are rebooted,
// tested, captured and compared once more, into a folder of their own below the trial's.
// Passed over where it could teach nothing: the patch's own reboot was this one already, or the run condemns the patch anyway.
#include <algorithm>

#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

namespace {

bool condemned_already(const Trial& trial) {
    const std::vector<Reason> reasons = reasons_so_far(trial.run, trial.lab, trial.folder);
    return std::any_of(reasons.begin(), reasons.end(), [](const Reason& reason) { return reason.effect == Effect::rejects; });
}

}  // namespace

fs::path endure_folder(const fs::path& trial) { return trial / "endure"; }

bool endures(const RunRequest& request) { return request.endure && !needs_reboot(request); }

StageEnd endure(const Trial& trial) {
    if (!endures(trial.run.request) || condemned_already(trial)) return StageEnd::ok;
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
    write_json(later.folder / "endure.json", {{"rebooted", true}, {"seconds", watch.seconds()}});
    return StageEnd::ok;
}

}  // namespace patchlab::pipeline
