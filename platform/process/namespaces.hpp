// SPDX-License-Identifier: Apache-2.0
//
// What a cell's own namespaces hold: a folder in memory that this process's mount namespace alone
// sees, gone with the namespace, and the one device of its private network.
#pragma once

#include <filesystem>

namespace patchlab::process {

/// Mounts a small tmpfs (mode 0711) on `path`, which is created where it is missing. Only to be
/// called in a cell that is isolated. Error(lab) when the mount is refused.
void mount_private_folder(const std::filesystem::path& path);

/// Called by the first process of the cell, single-threaded. Brings `lo` up and routes IPv4
/// multicast to it (QEMU's mcast networks join machines that way). Returns 0, or an errno.
int bring_loopback_up() noexcept;

}  // namespace patchlab::process
