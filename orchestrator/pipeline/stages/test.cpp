// SPDX-License-Identifier: Apache-2.0
//
// Stage test: the same suites as before the patch.
#include "orchestrator/pipeline/stages/stages.hpp"

namespace patchlab::pipeline {

void test_machines(const Trial& trial, Stage stage) {
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        trial.tell(stage, name + ": running " + std::to_string(machine.suites.size()) + " suites");
        write_checks(trial.folder, name, trial.run.backend.run_suites(trial.session.channel(name), machine.suites));
    }
}

StageEnd test(const Trial& trial) {
    test_machines(trial, Stage::test);
    return StageEnd::ok;
}

}  // namespace patchlab::pipeline
