// SPDX-License-Identifier: Apache-2.0
//
// POSIX access lists as extended attributes hold them. Pure; thread-safe.
#pragma once

#include <string>

namespace patchlab::snapshots {

/// An access list, in hexadecimal digits as ext4 keeps it, without the rights that its mask takes
/// away: two lists that give the same rights are equal then. What is no such list is given back as
/// it is.
std::string effective_access(const std::string& hex);

}  // namespace patchlab::snapshots
