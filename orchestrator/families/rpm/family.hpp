// SPDX-License-Identifier: Apache-2.0
//
// The family of RPM packages: their order and their names so far, which the inventory, catalogs and
// rollouts need; everything else says that it is not possible yet.
#pragma once

#include <string_view>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/families/repository.hpp"

namespace patchlab::families::rpm {

const PackageFamily& rpm_family();

// The order of RPM versions, as rpm-version(7) defines it. Thread-safe.

/// Less than, equal to or greater than zero, as `a` is older than, the same as or newer than `b`.
/// "[epoch:]version[-release]"; no epoch is 0; a release counts only when both have one.
int compare_versions(std::string_view a, std::string_view b);

// The repository that hosts with stock dnf or zypper follow: Packages/ and repodata/ by
// createrepo_c, repomd.xml signed beside itself.

/// What an rpm-md folder lists. Error(invalid); Error(refused) when its parts do not fit
/// repomd.xml.
std::vector<RepositoryPackage> read_rpm_index(const std::filesystem::path& repository);

const RepositoryWriter& rpm_repository();

}  // namespace patchlab::families::rpm
