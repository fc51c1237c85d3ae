// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/old_versions.hpp"

#include "orchestrator/intake/deb_file.hpp"
#include "orchestrator/intake/deb_version.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::intake {

namespace {

// "1%3a2.0-1" and "2.0-1" are both written for version 1:2.0-1; the package itself is asked before it is used.
std::string key(const std::string& name, const std::string& version, const std::string& architecture) {
    return deb_file_name(name, version, architecture);
}

std::string canonical_name(const std::string& file) {
    const auto underscore = file.find('_');
    const auto epoch = file.find("%3a", underscore == std::string::npos ? 0 : underscore);
    if (underscore == std::string::npos || epoch == std::string::npos) return file;
    return file.substr(0, underscore + 1) + file.substr(epoch + 3);
}

}  // namespace

OldVersions::OldVersions(AptRoot& apt, const std::vector<FetchImage>& images) : apt_(apt) {
    for (const FetchImage& image : images) {
        if (!image.package_pool) continue;
        std::error_code missing;
        for (const auto& item : fs::directory_iterator(*image.package_pool, missing))
            if (item.is_regular_file() && item.path().extension() == ".deb") pool_.emplace(canonical_name(item.path().filename().string()), item.path());
    }
}

const fs::path* OldVersions::in_pool(const PlannedPackage& planned) const {
    const auto it = pool_.find(key(planned.to.name, planned.from, planned.to.architecture));
    return it == pool_.end() ? nullptr : &it->second;
}

const AvailablePackage* OldVersions::in_index(const PlannedPackage& planned) {
    if (planned.from.empty() || in_pool(planned)) return nullptr;
    return apt_.find(planned.to.name, planned.from, planned.to.architecture);
}

std::optional<OldFile> OldVersions::take(const PlannedPackage& planned, const fs::path& downloaded, const fs::path& folder) {
    if (planned.from.empty()) return std::nullopt;
    OldFile old{key(planned.to.name, planned.from, planned.to.architecture), ""};
    fs::path from;
    if (const fs::path* pooled = in_pool(planned)) from = *pooled;
    else if (const AvailablePackage* offered = in_index(planned)) from = downloaded / deb_file_name(offered->name, offered->version, offered->architecture);
    else return std::nullopt;
    const fs::path to = folder / old.file;
    fs::copy_file(from, to, fs::copy_options::skip_existing);
    try {
        const PackageFacts facts = read_deb_facts(to);
        if (facts.name == planned.to.name && facts.version == planned.from) {
            old.sha256 = sha256_file(to);
            return old;
        }
        log_warning(from.string() + " is not " + planned.to.name + " " + planned.from);
    } catch (const Error& error) {
        log_warning(std::string("an old package is not usable: ") + error.what());
    }
    fs::remove(to);
    return std::nullopt;
}

}  // namespace patchlab::intake
