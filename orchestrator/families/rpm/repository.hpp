// SPDX-License-Identifier: Apache-2.0
//
// The repository that hosts with stock dnf or zypper follow: Packages/ and repodata/ by
// createrepo_c, repomd.xml signed beside itself.
#pragma once

#include "orchestrator/families/repository.hpp"

namespace patchlab::families::rpm {

/// What an rpm-md folder lists. Error(invalid); Error(refused) when its parts do not fit
/// repomd.xml.
std::vector<RepositoryPackage> read_rpm_index(const std::filesystem::path& repository);

const RepositoryWriter& rpm_repository();

}  // namespace patchlab::families::rpm
