// SPDX-License-Identifier: Apache-2.0
//
// The os-release file of a system: what it calls itself. Pure; the text is the guest's and is
// bounded here.
#pragma once

#include <string_view>

#include "platform/disk/image/offline_disk.hpp"

namespace patchlab::disk {

/// Sets distro, version, codename and product from the file's fields; fields that are not there
/// leave what was known.
void apply_os_release(std::string_view text, OsInspection& os);

}  // namespace patchlab::disk
