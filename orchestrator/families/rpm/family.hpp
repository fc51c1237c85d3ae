// SPDX-License-Identifier: Apache-2.0
//
// The family of RPM packages: their order and their names so far, which the inventory, catalogs and
// rollouts need; everything else says that it is not possible yet.
#pragma once

#include "orchestrator/families/package_family.hpp"

namespace patchlab::families::rpm {

const PackageFamily& rpm_family();

}  // namespace patchlab::families::rpm
