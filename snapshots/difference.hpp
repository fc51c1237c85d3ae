// SPDX-License-Identifier: Apache-2.0
//
// A change in words: what differs, and what happened. For people and documents only; nobody reads
// them back. Pure; thread-safe.
#pragma once

#include <string>

#include "snapshots/change.hpp"

namespace patchlab::snapshots {

/// What differs between before and after: "content, 25 bytes (30 before)", "mode 0666 (0644
/// before)", "1.0 → 1.1", "a file of 25 bytes, mode 0644" where there is one side alone.
std::string difference_text(const Change& change);

/// What happened, as a clause: "new file /etc/nginx/conf.d/x.conf (25 bytes), from libssl3",
/// "port tcp/80 is gone".
std::string event_text(const Change& change);

}  // namespace patchlab::snapshots
