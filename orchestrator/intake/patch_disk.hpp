// SPDX-License-Identifier: Apache-2.0
//
// The disk by which patches travel into a guest: a small ext4 image, attached read-only.
//   /repo/             the packages, and beside them the index by which the guest's tools find them
//                      (PackageFamily::disk_index)
//   /manifest.json     schema patchlab/patch-disk/v1: {patches: [id…],
//                      packages: [{name, version, architecture, file, sha256, bytes}]}
// The same patches give the same bytes. Thread-safe.
#pragma once

#include <filesystem>
#include <vector>

#include "orchestrator/intake/patch.hpp"
#include "platform/process/command.hpp"

namespace patchlab::intake {

/// Writes the image (mode 0444) with the new files of the patches, or the old ones for the way
/// back. Every file's sha256 is checked on the way. Error(lab) when a file is missing or altered,
/// or no old version is there at all.
void make_patch_disk(const std::vector<const Patch*>& patches, bool old_versions,
                     const std::filesystem::path& out_image, process::CommandRunner& runner);

}  // namespace patchlab::intake
