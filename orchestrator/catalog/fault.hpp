// SPDX-License-Identifier: Apache-2.0
//
// Faults on purpose: PATCHLAB_FAULT=publish-POINT:kill ends the process with SIGKILL at that point
// of a publish, as a power cut would. Thread-safe.
#pragma once

#include <array>
#include <string_view>

namespace patchlab::catalog {

/// In the order in which a publish passes them.
inline constexpr std::array<std::string_view, 8> publish_points{
    "locked",     ///< nothing was changed
    "begun",      ///< the snapshot's id is recorded as being built
    "built",      ///< the repositories stand in the work folder
    "sealed",     ///< listed, signed, read-only and durable there
    "moved",      ///< stands among the channel's snapshots, not offered yet
    "linked",     ///< the new link stands beside the old one
    "switched",   ///< hosts see the new snapshot, the store does not know yet
    "recorded"};  ///< the store knows

/// `point`: one of publish_points.
void meet_publish_fault(std::string_view point);

}  // namespace patchlab::catalog
