// SPDX-License-Identifier: Apache-2.0
//
// Installing Debian packages in a guest: apt-get from the patch disk, dpkg for proof and repair.
#pragma once

#include "orchestrator/families/guest_installer.hpp"

namespace patchlab::families::deb {

const GuestInstaller& deb_installer();

/// What the log of apt and dpkg says about a failure; GuestInstaller::failure_in().
std::string failure_in(std::string_view log);

}  // namespace patchlab::families::deb
