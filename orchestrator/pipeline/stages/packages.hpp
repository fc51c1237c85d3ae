// SPDX-License-Identifier: Apache-2.0
//
// What the patches of a run mean for one machine: candidate patches as assessment/packages asks
// for them. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/assessment/packages.hpp"
#include "orchestrator/intake/patch.hpp"
#include "snapshots/capture.hpp"

namespace patchlab::pipeline {

using assessment::BackoutPlan;
using assessment::ExpectedPackage;
using assessment::InstalledPackages;

InstalledPackages installed_packages(const snapshots::Capture& capture);
/// What the machine's owner put on hold.
std::vector<std::string> held_packages(const snapshots::Capture& capture);

/// True when at least one package of `patch` (prerequisites aside) is installed on one of the
/// machines.
bool updates_something(const intake::Patch& patch, const std::vector<InstalledPackages>& machines);

/// The packages to install on a machine that has `here`: those that are installed there at another
/// version, and are not for another release than the machine's. A patch that updates nothing on any
/// machine of the lab is a new installation: all its packages, on every machine. Prerequisites that
/// are not installed are left to the package manager, which finds them on the patch disk.
std::vector<ExpectedPackage> packages_for(const std::vector<intake::Patch>& patches,
                                          const InstalledPackages& here,
                                          const std::vector<InstalledPackages>& machines);

/// The backout of one machine, with the old versions that the patches keep.
BackoutPlan backout_plan(const std::vector<intake::Patch>& patches, const InstalledPackages& before,
                         const InstalledPackages& after);

}  // namespace patchlab::pipeline
