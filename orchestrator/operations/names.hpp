// SPDX-License-Identifier: Apache-2.0
//
// Short names for what has a long id: the beginning of one ("r-20261130-0"), its number ("0004"),
// or "@last" for the newest. An exact id always means itself.
#pragma once

#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

/// The request with every short name of a run, entry, rollout, patch or delivery replaced by the
/// id. What is unknown stays as it is: the operation says so. Error(usage) for a name that several
/// share, Error(not_found) for "@last" of nothing.
Json with_whole_names(Call& call, const Operation& operation, const Json& request);

}  // namespace patchlab::operations
