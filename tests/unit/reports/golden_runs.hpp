// SPDX-License-Identifier: Apache-2.0
//
// The runs of tests/golden as documents.
#pragma once

#include <string>
#include <vector>

#include "platform/core/json.hpp"
#include "reports/run_document.hpp"

namespace patchlab::reports {

inline RunDocument example(const std::string& name) {
    return parse_run_document(read_json(std::string(PATCHLAB_GOLDEN) + "/run/" + name + ".json"));
}

/// A validated run whose reboot check nobody asked for, and that has no drill.
inline RunDocument example_without_practice() {
    RunDocument run = example("validated");
    run.drill.reset();
    std::erase_if(run.stages, [](const RunStage& stage) { return stage.name == "drill"; });
    run.stages.push_back({"endure", "skipped", "not asked for (--no-reboot-check)", 0});
    return run;
}

}  // namespace patchlab::reports
