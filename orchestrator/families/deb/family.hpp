// SPDX-License-Identifier: Apache-2.0
//
// The family of Debian packages: dpkg installs, apt solves and fetches.
#pragma once

#include "orchestrator/families/package_family.hpp"

namespace patchlab::families::deb {

const PackageFamily& deb_family();

}  // namespace patchlab::families::deb
