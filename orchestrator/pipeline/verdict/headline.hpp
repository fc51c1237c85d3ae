// SPDX-License-Identifier: Apache-2.0
//
// The one sentence that sums a run up. It names the cause: what the patch broke comes before what
// the drill then could not restore, and that before faults of the lab. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/pipeline/run/request.hpp"
#include "orchestrator/pipeline/verdict/verdict.hpp"

namespace patchlab::pipeline {

/// Notes, for each failed check that asks whether a service runs, which service that is.
void name_services(std::vector<Reason>& reasons, const std::vector<MachineRequest>& machines);

/// Sorts by effect (what rejects first), then causes before their consequences: by the order of the
/// kinds, and a service that does not run before the checks that talk to it.
void sort_by_cause(std::vector<Reason>& reasons);

/// One sentence for people; of sorted reasons.
std::string summary(Verdict verdict, const std::vector<Reason>& reasons, std::size_t checks,
                    std::size_t changes);

}  // namespace patchlab::pipeline
