// SPDX-License-Identifier: Apache-2.0
//
// Which installed packages have a newer version on offer, and how they are grouped into candidates.
// Pure, but for asking AptRoot to solve.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/families/deb/apt_root.hpp"

namespace patchlab::families::deb {

/// The installed packages of a dpkg status file. Error(invalid).
std::vector<InstalledPackage> read_status(const std::string& text, const std::string& where);
/// How errors name the status file of an image.
std::string status_of(const std::string& image);
/// The architecture dpkg itself has. Error(invalid) when it is not installed.
std::string native_architecture(const std::vector<InstalledPackage>& installed,
                                const std::string& where);

/// Plans by source and version. Adds what is pending on one image to `plans`.
/// `only`: names of source or binary packages, empty for all; the names that were met are added to
/// `met`.
void plan_image(AptRoot& apt, const std::string& image, const std::string& dpkg_status,
                const std::vector<std::string>& only, std::vector<std::string>& met,
                std::map<std::string, Plan>& plans,
                const std::function<void(const std::string&)>& notice);

}  // namespace patchlab::families::deb
