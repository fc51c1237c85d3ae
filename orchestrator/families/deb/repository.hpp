// SPDX-License-Identifier: Apache-2.0
//
// The repository that hosts with stock apt follow: dists/ and pool/ by aptly (docs/adr/0004),
// by-hash, signed as InRelease and Release.gpg; and the texts by which a host follows it.
#pragma once

#include "orchestrator/families/repository.hpp"

namespace patchlab::families::deb {

inline constexpr const char* apt_component = "main";
inline constexpr const char* apt_origin = "patchlab";

const RepositoryWriter& apt_repository();

}  // namespace patchlab::families::deb
