// SPDX-License-Identifier: Apache-2.0
//
// The exact packages an image holds now, kept for the way back: from the pool the image was built
// from, else from the vendor's indexes while these still offer them. What cannot be had exactly is
// not had: a near version is no way back.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "orchestrator/intake/fetcher.hpp"
#include "orchestrator/intake/package_pool.hpp"
#include "orchestrator/intake/pending.hpp"

namespace patchlab::intake {

class OldVersions {
  public:
    OldVersions(AptRoot& apt, const std::vector<FetchImage>& images);
    /// The index's entry to download, or nullptr when there is nothing to go back to, the pool has
    /// it, or nobody offers it.
    const AvailablePackage* in_index(const PlannedPackage& planned);
    /// Puts the old package into `folder`, from the image's pool or from `downloaded`; nullopt when
    /// it could not be had.
    std::optional<OldFile> take(const PlannedPackage& planned,
                                const std::filesystem::path& downloaded,
                                const std::filesystem::path& folder);

  private:
    const std::filesystem::path* in_pool(const PlannedPackage& planned) const;

    AptRoot& apt_;
    PackagePool pool_;
};

}  // namespace patchlab::intake
