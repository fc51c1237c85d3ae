// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/overlay_guestfs.hpp"

namespace patchlab::disk {

void compare_with_guestfs(const OverlayQuery&, const std::vector<ChildAnswer::OtherArea>& areas, OverlayComparison& result) {
    for (const auto& area : areas) result.changes.push_back({area.name, FileChangeKind::unreadable, std::nullopt, std::nullopt, "this filesystem cannot be read"});
}

}  // namespace patchlab::disk
