// SPDX-License-Identifier: Apache-2.0
//
// The systemd services that a package brings. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/package_facts.hpp"

namespace patchlab::families {

/// True for unit files whose content service_units() wants to see.
bool is_unit_file(std::string_view path);
/// Units of the package that run on and so keep the old code until restarted: no templates, no
/// one-shots.
std::vector<std::string> service_units(const PackageContents& package);

}  // namespace patchlab::families
