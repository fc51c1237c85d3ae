// SPDX-License-Identifier: Apache-2.0
//
// Stage clone: each machine of the lab gets a copy-on-write overlay on its image.
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

void clone(const RunContext& run, const PreparedLab& building) {
    remove_tree(building.folder());
    for (const MachineRequest& machine : run.request.machines) {
        const std::string& name = machine.definition.name;
        if (!fs::exists(machine.image_file))
            throw Error(ErrorCode::lab, "the image of machine '" + name +
                                            "' is gone: " + machine.image_file.string());
        make_folder(building.folder() / name, 0710);
        run.tell(Stage::clone, name + ": overlay on image " + machine.definition.image);
        run.backend.create_overlay(machine.image_file, building.disk(name));
    }
}

}  // namespace patchlab::pipeline
