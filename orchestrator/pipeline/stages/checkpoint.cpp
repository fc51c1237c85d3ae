// SPDX-License-Identifier: Apache-2.0
//
// Stage checkpoint: disk and memory of all machines at one moment; from here on the disks are
// read-only backing files.
#include <sys/stat.h>

#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

void checkpoint(const RunContext& run, const PreparedLab& building, LabSession& session,
                virt::CheckpointKind kind) {
    run.tell(Stage::checkpoint,
             "writing memory and devices (" + std::string(virt::name(kind)) + ")");
    session.checkpoint(building, kind);
    for (const MachineRequest& machine : run.request.machines) {
        const fs::path disk = building.disk(machine.definition.name);
        if (::chmod(disk.c_str(), 0440) != 0)
            throw Error(ErrorCode::lab, "cannot make " + disk.string() + " read-only");
    }
}

}  // namespace patchlab::pipeline
