// SPDX-License-Identifier: Apache-2.0
//
// The fail points of a rollout (platform/core/fail_point.hpp): PATCHLAB_FAULT=rollout-POINT:kill.
// Thread-safe.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "platform/core/fail_point.hpp"

namespace patchlab::rollout {

inline constexpr std::array<std::string_view, 16> rollout_points{
    "verified",      ///< the chain was verified; nothing was begun
    "ring-begun",    ///< the ring is recorded as running
    "inspecting",    ///< hosts are recorded as being looked at, nobody was asked
    "inspected",     ///< they answered, nothing of it is stored
    "installing",    ///< hosts are recorded as being installed on, nobody was asked
    "host-done",     ///< (simulated) the first host of the order has its packages, and did not tell
                     ///< yet
    "installed",     ///< all answered, nothing of it is stored
    "judged",        ///< what became of them is stored
    "soaking",       ///< the time until which the ring is watched is stored
    "soaked",        ///< its checks ran again, nothing of it is stored
    "halting",       ///< that it halts is stored, nothing was done about it
    "backing-out",   ///< hosts are recorded as going back, nobody was asked
    "backed-out",    ///< they answered, nothing of it is stored
    "quarantined",   ///< the catalog does not offer the entry any more
    "settled",       ///< everything is done, that it halted is not stored
    "ring-passed"};  ///< the ring is recorded as passed

/// `point`: one of rollout_points.
inline void rollout_fail_point(std::string_view point) {
    fail_point("rollout-" + std::string(point));
}

}  // namespace patchlab::rollout
