// SPDX-License-Identifier: Apache-2.0
//
// The exact packages an image holds now, kept for the way back: from the pool the image was built
// from, else from the vendor's indexes while these still offer them. What cannot be had exactly is
// not had: a near version is no way back.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/intake/package_pool.hpp"

namespace patchlab::intake {

class OldVersions {
  public:
    /// `pools`: the folders in which images of this family keep what they were built from. The
    /// family and the vendor must outlive the object.
    OldVersions(const families::PackageFamily& family, families::Vendor& vendor,
                const std::vector<std::filesystem::path>& pools);
    /// The index's entry to download, or nullptr when there is nothing to go back to, the pool has
    /// it, or nobody offers it.
    const families::AvailablePackage* in_index(const families::PlannedPackage& planned);
    /// Puts the old package into `folder`, from the image's pool or from `downloaded`; nullopt when
    /// it could not be had.
    std::optional<OldFile> take(const families::PlannedPackage& planned,
                                const std::filesystem::path& downloaded,
                                const std::filesystem::path& folder);

  private:
    const std::filesystem::path* in_pool(const families::PlannedPackage& planned) const;

    const families::PackageFamily& family_;
    families::Vendor& vendor_;
    PackagePool pool_;
};

}  // namespace patchlab::intake
