// SPDX-License-Identifier: Apache-2.0
//
// How a patch takes effect: which packages need a boot, which services a restart. Rules with
// reasons, on what is known before the run; the run itself finds every process that still maps
// replaced files. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/intake/deb_file.hpp"

namespace patchlab::intake {

/// Why this package needs a reboot to take effect, or an empty text.
std::string reboot_reason(std::string_view package, std::string_view maintainer_scripts);

/// True for unit files whose content service_units() wants to see.
bool is_unit_file(std::string_view path);
/// Units of the package that run on and so keep the old code until restarted: no templates, no
/// one-shots.
std::vector<std::string> service_units(const DebContents& deb);

}  // namespace patchlab::intake
