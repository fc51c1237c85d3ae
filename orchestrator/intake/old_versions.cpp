// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/old_versions.hpp"

#include "orchestrator/intake/deb_version.hpp"

namespace patchlab::intake {

namespace {

std::vector<std::filesystem::path> pools_of(const std::vector<FetchImage>& images) {
    std::vector<std::filesystem::path> pools;
    for (const FetchImage& image : images)
        if (image.package_pool) pools.push_back(*image.package_pool);
    return pools;
}

}  // namespace

OldVersions::OldVersions(AptRoot& apt, const std::vector<FetchImage>& images)
    : apt_(apt), pool_(pools_of(images)) {}

const std::filesystem::path* OldVersions::in_pool(const PlannedPackage& planned) const {
    return pool_.find(planned.to.name, planned.from, planned.to.architecture);
}

const AvailablePackage* OldVersions::in_index(const PlannedPackage& planned) {
    if (planned.from.empty() || in_pool(planned)) return nullptr;
    return apt_.find(planned.to.name, planned.from, planned.to.architecture);
}

std::optional<OldFile> OldVersions::take(const PlannedPackage& planned,
                                         const std::filesystem::path& downloaded,
                                         const std::filesystem::path& folder) {
    if (planned.from.empty()) return std::nullopt;
    std::filesystem::path from;
    if (const std::filesystem::path* pooled = in_pool(planned)) from = *pooled;
    else if (const AvailablePackage* offered = in_index(planned))
        from = downloaded / deb_file_name(offered->name, offered->version, offered->architecture);
    else return std::nullopt;
    return keep_old(from, planned.to.name, planned.from, planned.to.architecture, folder);
}

}  // namespace patchlab::intake
