// SPDX-License-Identifier: Apache-2.0
//
// What is due takes every patch and every host to say: seconds, with 100,000 hosts. It is
// remembered for a minute, as long as nothing that it rests on has changed; in the process, and in
// the state's folder `derived` for the processes beside it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "orchestrator/operations/patch_urgency.hpp"

namespace patchlab::operations {

using DuePatches = std::optional<std::vector<DuePatch>>;

/// `find()`, or what it gave less than a minute ago for the same patches, hosts, scans, feeds and
/// policies of this state.
DuePatches remembered_or(Session& session, const std::function<DuePatches()>& find);

}  // namespace patchlab::operations
