// SPDX-License-Identifier: Apache-2.0
//
// The comparison of filesystems that libext2fs cannot read (xfs, btrfs, LVM, FAT): both disks in
// one libguestfs appliance, whose kernel mounts them read-only. Thread safety: one thread at a
// time.
#pragma once

#include <vector>

#include "platform/disk/overlay/child.hpp"

namespace patchlab::disk {

/// Adds to `result` what changed on `areas`.
void compare_with_guestfs(const OverlayQuery& query,
                          const std::vector<ChildAnswer::OtherArea>& areas,
                          OverlayComparison& result);

}  // namespace patchlab::disk
