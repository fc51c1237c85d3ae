// SPDX-License-Identifier: Apache-2.0
//
// Which packages need a boot to take effect. Rules with reasons, on what is known before the run;
// the run itself finds every process that still maps replaced files. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace patchlab::families::deb {

/// Why this package needs a reboot to take effect, or an empty text.
std::string reboot_reason(std::string_view package, std::string_view maintainer_scripts);

}  // namespace patchlab::families::deb
