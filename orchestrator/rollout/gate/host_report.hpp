// SPDX-License-Identifier: Apache-2.0
//
// What a host that follows a channel says of itself (schema patchlab/host-report/v1): its packages,
// its boot. Untrusted: capped, strict, and never more than a claim of that one host about itself.
// Pure; thread-safe.
#pragma once

#include <string>

#include "orchestrator/rollout/store/store.hpp"

namespace patchlab::rollout {

inline constexpr std::size_t max_report_bytes = 4U << 20;

/// `host`: as whom the sender was authenticated; a report that names another one is refused.
/// Error(invalid).
HostReport parse_host_report(std::string_view text, const std::string& host, TimePoint now);

}  // namespace patchlab::rollout
