// SPDX-License-Identifier: Apache-2.0
//
// Stage observe: the live state of every machine, its logs, and then a standstill in which its disk can be read.
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::size_t max_journal = 2U << 20;

void collect_logs(const Trial& trial, const std::string& machine) {
    guest::GuestCommand journal{{"/usr/bin/journalctl", "-b", "--no-pager", "-o", "short-iso", "-n", "2000"}, "", {}, Seconds(60), max_journal};
    const guest::GuestResult result = trial.session.channel(machine).run(journal);
    write_file_atomic(trial.logs(machine) / "journal.log", result.ok() ? result.out : "the journal could not be read: " + result.err);
}

}  // namespace

void observe_machines(const Trial& trial, Stage stage) {
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        trial.tell(stage, name + ": capturing its state");
        collect_logs(trial, name);
        write_capture(trial.folder, name, trial.run.backend.capture(trial.session.channel(name)));
        trial.session.hold(name);
    }
}

StageEnd observe(const Trial& trial) {
    observe_machines(trial, Stage::observe);
    return StageEnd::ok;
}

}  // namespace patchlab::pipeline
