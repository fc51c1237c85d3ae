// SPDX-License-Identifier: Apache-2.0
//
// Lists of packages and versions: what a production host says it has, and what an image's package
// database records. Values, pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/package_family.hpp"
#include "platform/disk/image/offline_disk.hpp"

namespace patchlab::images {

struct ListedPackage {
    std::string name;
    std::string version;       ///< empty: any
    std::string architecture;  ///< empty: not said
};

/// Reads the list of a host, a package a line, in any of the forms an administrator has at hand:
///   dpkg-query -W    "nginx\t1.22.1-9" or "libc6:amd64\t2.36-9" apt list --installed, ansible:
///                    "nginx=1.22.1-9", "nginx 1.22.1-9"
///   dpkg -l          "ii nginx 1.22.1-9 amd64 description" (lines of packages that are not
///                    installed are left out)
/// "#" starts a comment. The same package twice keeps the last line. Error(invalid) listing every
/// line that is none of these, with file and line; also when the list is empty.
std::vector<ListedPackage> parse_package_list(std::string_view text, const std::string& file);

/// The installed packages of a system, by name, as manifests list them. Error(invalid).
std::vector<disk::InstalledPackage> installed_packages(const families::PackageFamily& family,
                                                       const families::InstalledSystem& system);

/// Debian Policy 5.6.7 and 5.6.12: what may be handed to apt.
bool is_package_name(std::string_view text);
bool is_package_version(std::string_view text);

}  // namespace patchlab::images
