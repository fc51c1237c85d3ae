// SPDX-License-Identifier: Apache-2.0
//
// What a patch means for a machine with these packages: what is installed on it, and the exact way
// back. The same for a machine of the lab and for a host of production. Pure functions;
// thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace patchlab::assessment {

/// The packages of one machine: name → version. One that is not installed is left out, or has an
/// empty version.
using InstalledPackages = std::map<std::string, std::string>;
/// Empty: it is not installed.
std::string version_in(const InstalledPackages& installed, const std::string& name);

/// A package of a patch or of a catalog entry.
struct OfferedVersion {
    std::string name;
    std::string version;
    bool if_missing = false;  ///< it is for machines that do not have it, too
};

/// A package that must be at exactly this version after the installation, or after the backout.
struct ExpectedPackage {
    std::string name;
    std::string version;
    std::string from;  ///< version before; empty: was not installed
    bool is_there() const { return version == from; }
};

/// What of an offer a machine with `here` gets, in the order of the offer: what it has at whatever
/// version, and what is for machines that do not have it. Each package once: of several versions,
/// the first that is not there yet.
std::vector<ExpectedPackage> expected_packages(const std::vector<OfferedVersion>& offer,
                                               const InstalledPackages& here);

/// From `after` exactly back to `before`.
struct BackoutPlan {
    std::vector<ExpectedPackage> packages;  ///< the old versions
    std::vector<std::string> removals;      ///< what was not there before
    std::vector<std::string> missing;       ///< "nginx 1.22": old versions that were not kept

    bool empty() const { return packages.empty() && removals.empty(); }
    /// Why there is no exact way back, for people; empty: there is one.
    std::string obstacle() const;
};
/// `kept`: whether this version of the package can still be had.
BackoutPlan backout_plan(
    const InstalledPackages& before, const InstalledPackages& after,
    const std::function<bool(const std::string& name, const std::string& version)>& kept);

}  // namespace patchlab::assessment
