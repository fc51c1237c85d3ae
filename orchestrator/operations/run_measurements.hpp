// SPDX-License-Identifier: Apache-2.0
//
// What was measured in a run: the samples of each check, one list for each pass over its suite.
#pragma once

#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

/// run.measurements. Only the sealed samples are read.
Outcome measurements_of_run(Call& call, const JsonReader& request);

}  // namespace patchlab::operations
