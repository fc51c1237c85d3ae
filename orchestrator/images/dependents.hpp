// SPDX-License-Identifier: Apache-2.0
//
// What of an image depends on packages that a patch changes, by the image's own package database.
// Pure function; thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>

namespace patchlab::images {

/// Installed packages that need one of `changed`, directly or through others, each with the package
/// through which it does. Recommendations count for nothing. `database`: a dpkg status file; empty
/// for images of other families. Error(invalid) for a broken one.
std::map<std::string, std::string> dependents_of(const std::string& database,
                                                 const std::set<std::string>& changed);

}  // namespace patchlab::images
