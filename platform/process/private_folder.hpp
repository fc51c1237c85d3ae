// SPDX-License-Identifier: Apache-2.0
//
// A folder in memory that this process's mount namespace alone sees: gone with the namespace, so
// nothing is left to clean.
#pragma once

#include <filesystem>

namespace patchlab::process {

/// Mounts a small tmpfs (mode 0711) on `path`, which is created where it is missing. Only to be
/// called in a cell that is isolated. Error(lab) when the mount is refused.
void mount_private_folder(const std::filesystem::path& path);

}  // namespace patchlab::process
