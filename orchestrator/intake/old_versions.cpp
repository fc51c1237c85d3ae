// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/old_versions.hpp"

namespace patchlab::intake {

using families::AvailablePackage;
using families::PlannedPackage;

OldVersions::OldVersions(const families::PackageFamily& family, families::Vendor& vendor,
                         const std::vector<std::filesystem::path>& pools)
    : family_(family), vendor_(vendor), pool_(family, pools) {}

const std::filesystem::path* OldVersions::in_pool(const PlannedPackage& planned) const {
    return pool_.find(planned.to.name, planned.from, planned.to.architecture);
}

const AvailablePackage* OldVersions::in_index(const PlannedPackage& planned) {
    if (planned.from.empty() || in_pool(planned)) return nullptr;
    return vendor_.find(planned.to.name, planned.from, planned.to.architecture);
}

std::optional<OldFile> OldVersions::take(const PlannedPackage& planned,
                                         const std::filesystem::path& downloaded,
                                         const std::filesystem::path& folder) {
    if (planned.from.empty()) return std::nullopt;
    std::filesystem::path from;
    if (const std::filesystem::path* pooled = in_pool(planned)) from = *pooled;
    else if (const AvailablePackage* offered = in_index(planned))
        from =
            downloaded / family_.file_name(offered->name, offered->version, offered->architecture);
    else return std::nullopt;
    return keep_old(family_, from, planned.to.name, planned.from, planned.to.architecture, folder);
}

}  // namespace patchlab::intake
