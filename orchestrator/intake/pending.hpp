// SPDX-License-Identifier: Apache-2.0
//
// Which installed packages have a newer version on offer, and how they are grouped into candidates.
// Pure, but for asking AptRoot to solve.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/intake/apt_root.hpp"
#include "orchestrator/intake/patch.hpp"

namespace patchlab::intake {

struct StatusPackage {
    std::string name;
    std::string version;
    std::string architecture;
    std::string source_version;
    bool held = false;
};

/// The installed packages of a dpkg status file. Error(invalid).
std::vector<StatusPackage> read_status(const std::string& text, const std::string& where);
/// The architecture dpkg itself has. Error(invalid) when it is not installed.
std::string native_architecture(const std::vector<StatusPackage>& installed,
                                const std::string& where);

/// One package that a candidate would install on one image.
struct PlannedPackage {
    AvailablePackage to;
    std::string from;  ///< empty: new on the image
    std::string from_source_version;
    bool prerequisite = false;
};

/// One candidate: a source package in its new version.
struct Plan {
    std::string source;
    std::string version;
    std::vector<PlannedPackage>
        packages;  ///< of all images; one (name, architecture, to, from) once
};

/// Plans by id (SOURCE_VERSION). Adds what is pending on one image to `plans`.
/// `only`: names of source or binary packages, empty for all; the names that were met are added to
/// `met`.
void plan_image(AptRoot& apt, const std::string& image, const std::string& dpkg_status,
                const std::vector<std::string>& only, std::vector<std::string>& met,
                std::map<std::string, Plan>& plans,
                const std::function<void(const std::string&)>& notice);

/// What is known of a plan without its files.
Patch outline(const Plan& plan);

}  // namespace patchlab::intake
