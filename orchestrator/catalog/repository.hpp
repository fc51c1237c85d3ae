// SPDX-License-Identifier: Apache-2.0
//
// Signed repositories from packages that were approved: what a channel's snapshot is made of.
// Thread safety: free function; one folder a call.
#pragma once

#include <vector>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/families/repository.hpp"

namespace patchlab::catalog {

/// Makes a family's repository from nothing but the packages of the request and signs it when its
/// index holds exactly these packages and these bytes, which is else Error(refused). Gives the
/// signed files.
std::vector<families::SignedFile> build_repository(const families::PackageFamily& family,
                                                   const families::RepositoryRequest& request,
                                                   families::Signer& signer,
                                                   process::CommandRunner& runner);

}  // namespace patchlab::catalog
