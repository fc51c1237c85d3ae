// SPDX-License-Identifier: Apache-2.0
//
// What the patches of a run mean for one machine. Pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "orchestrator/intake/patch.hpp"
#include "snapshots/capture.hpp"

namespace patchlab::pipeline {

/// A package that must be at exactly this version after the installation.
struct ExpectedPackage {
    std::string name;
    std::string version;
    std::string from;  ///< version before; empty: was not installed
};

/// name → version of one machine.
using InstalledPackages = std::map<std::string, std::string>;

InstalledPackages installed_packages(const snapshots::Capture& capture);

/// True when at least one package of `patch` (prerequisites aside) is installed on one of the
/// machines.
bool updates_something(const intake::Patch& patch, const std::vector<InstalledPackages>& machines);

/// The packages to install on a machine that has `here`: those that are installed there at another
/// version. A patch that updates nothing on any machine of the lab is a new installation: all its
/// packages, on every machine. Prerequisites that are not installed are left to the package
/// manager, which finds them on the patch disk.
std::vector<ExpectedPackage> packages_for(const std::vector<intake::Patch>& patches,
                                          const InstalledPackages& here,
                                          const std::vector<InstalledPackages>& machines);

/// The way back for one machine: the exact old versions of what `after` has at another version than
/// `before`, and what has to be removed because it was not there.
struct WayBack {
    std::vector<ExpectedPackage> packages;
    std::vector<std::string> removals;
    std::vector<std::string> missing;  ///< packages whose old version was not kept
};
WayBack way_back(const std::vector<intake::Patch>& patches, const InstalledPackages& before,
                 const InstalledPackages& after);

}  // namespace patchlab::pipeline
