// SPDX-License-Identifier: Apache-2.0
//
// A .deb read from its bytes, without dpkg and without writing anything: the ar structure, the
// control data, the list of files, and the text of a few files that were asked for. A package is
// untrusted: sizes are capped, bombs, traversal and broken archives are refused. Thread safety:
// free functions.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/package_facts.hpp"

namespace patchlab::families::deb {

/// Which files' contents to keep (each at most 4 MiB, all together 32 MiB; larger ones are left
/// out).
using WantedFile = std::function<bool(std::string_view path)>;

/// Reads the whole package, so that a truncated or corrupt one is found. Error(invalid) with the
/// reason.
PackageContents read_deb(std::string_view bytes, std::string_view where,
                         const WantedFile& wanted = {}, Contents contents = Contents::skimmed);
PackageContents read_deb_file(const std::filesystem::path& file, const WantedFile& wanted = {},
                              Contents contents = Contents::skimmed);

}  // namespace patchlab::families::deb
