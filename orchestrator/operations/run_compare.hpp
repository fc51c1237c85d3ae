// SPDX-License-Identifier: Apache-2.0
//
// Several runs looked at together: waited for, or two of them compared.
#pragma once

#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

/// run.wait: until each of them is over. The exit code is that of the worst verdict.
Outcome wait_for_runs(Call& call, const JsonReader& request);
/// run.compare: in what two finished runs differ.
Outcome compare_runs(Call& call, const JsonReader& request);

/// The exit code of several: a rejected one decides, then one of which nothing is known, then one
/// that needs a review.
int worst_exit(const std::vector<int>& exits);

}  // namespace patchlab::operations
