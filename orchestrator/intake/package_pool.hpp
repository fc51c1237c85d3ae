// SPDX-License-Identifier: Apache-2.0
//
// The packages that images were built from, which are kept beside them: where the exact old version
// of a package is looked for first. Thread safety: one a thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/families/package_family.hpp"

namespace patchlab::intake {

struct OldFile {
    std::string file;  ///< its name in the folder it was put into
    std::string sha256;
};

class PackagePool {
  public:
    /// Folders with packages of one family; one that is missing holds nothing.
    PackagePool(const families::PackageFamily& family,
                const std::vector<std::filesystem::path>& folders);

    /// By name alone; nullptr when there is none.
    const std::filesystem::path* find(const std::string& name, const std::string& version,
                                      const std::string& architecture) const;

    /// Copies the package into `folder`; nullopt, and nothing left there, when the pool has none or
    /// its file is not exactly this version of this package.
    std::optional<OldFile> keep(const std::string& name, const std::string& version,
                                const std::string& architecture,
                                const std::filesystem::path& folder) const;

  private:
    const families::PackageFamily& family_;
    std::map<std::string, std::filesystem::path> files_;  ///< by PackageFamily::file_name()
};

/// Copies a package into `folder`; nullopt, and nothing left there, when the file is not exactly
/// this version of this package.
std::optional<OldFile> keep_old(const families::PackageFamily& family,
                                const std::filesystem::path& from, const std::string& name,
                                const std::string& version, const std::string& architecture,
                                const std::filesystem::path& folder);

}  // namespace patchlab::intake
