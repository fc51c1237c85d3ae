// SPDX-License-Identifier: Apache-2.0
//
// Stage baseline: the suites and the capture before any patch, on the machines that will be
// checkpointed.
#include "orchestrator/pipeline/stages/patch_contents.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

void baseline(const RunContext& run, const PreparedLab& building, LabSession& session) {
    const fs::path folder = building.folder() / "baseline";
    make_folder(folder);
    for (const MachineRequest& machine : run.request.machines) {
        const std::string& name = machine.definition.name;
        guest::GuestChannel& channel = session.channel(name);
        run.tell(Stage::baseline,
                 name + ": running " + std::to_string(machine.suites.size()) + " suites");
        write_checks(folder, name, run.backend.run_suites(channel, machine.suites));
        run.tell(Stage::baseline, name + ": capturing its state");
        const snapshots::Capture capture =
            run.backend.capture(channel, capture_options(run.request, name));
        if (capture.boot_id.empty())
            throw Error(ErrorCode::lab, "machine '" + name + "' did not tell its boot id");
        write_capture(folder, name, capture);
    }
}

}  // namespace patchlab::pipeline
