// SPDX-License-Identifier: Apache-2.0
//
// A .deb read from its bytes, without dpkg and without writing anything: the ar structure, the
// control data, the list of files, and the text of a few files that were asked for. A package is
// untrusted: sizes are capped, bombs, traversal and broken archives are refused. Thread safety:
// free functions.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/intake/package_facts.hpp"

namespace patchlab::intake {

struct DebContents {
    PackageFacts facts;
    std::map<std::string, std::string>
        texts;  ///< absolute path → content, of the regular files that were asked for
};

/// Which files' contents to keep (each at most 4 MiB, all together 32 MiB; larger ones are left
/// out).
using WantedFile = std::function<bool(std::string_view path)>;

/// Reads the whole package, so that a truncated or corrupt one is found. Error(invalid) with the
/// reason.
DebContents read_deb(std::string_view bytes, std::string_view where, const WantedFile& wanted = {},
                     Contents contents = Contents::skimmed);
DebContents read_deb_file(const std::filesystem::path& file, const WantedFile& wanted = {},
                          Contents contents = Contents::skimmed);

/// Expands a gzip file. Error(invalid) when it is none, or larger than `max_bytes` when expanded.
std::string gunzip(std::string_view bytes, std::string_view where, std::size_t max_bytes);

}  // namespace patchlab::intake
