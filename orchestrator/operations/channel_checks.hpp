// SPDX-License-Identifier: Apache-2.0
//
// What `patchlab doctor` says of channels: hosts stop trusting a snapshot when its validity is
// over, and nobody hears of that here unless it is looked at. Thread safety: one thread.
#pragma once

#include <optional>

#include "orchestrator/operations/host_checks.hpp"
#include "orchestrator/operations/session.hpp"

namespace patchlab::operations {

/// Channels whose snapshot is not trusted for much longer; nullopt: nothing is published.
std::optional<Finding> check_channels(Session& session);

}  // namespace patchlab::operations
