// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/fidelity.hpp"

#include <map>

#include "orchestrator/families/package_family.hpp"

namespace patchlab::inventory {

namespace {

struct Versions {
    std::string host, lab, format;
};

void keep_newest(std::string& version, const InstalledPackage& package) {
    if (version.empty() || families::compare_versions(package.format, version, package.version) < 0)
        version = package.version;
}

}  // namespace

double Fidelity::score() const {
    const std::size_t all = same + older + newer + missing + surplus;
    return all == 0 ? 0 : 100.0 * static_cast<double>(same) / static_cast<double>(all);
}

Fidelity compare_packages(const std::vector<InstalledPackage>& host,
                          const std::vector<InstalledPackage>& lab) {
    std::map<std::pair<std::string, std::string>, Versions> all;
    for (const auto& [packages, side] :
         {std::pair{&host, &Versions::host}, std::pair{&lab, &Versions::lab}})
        for (const InstalledPackage& package : *packages) {
            Versions& versions = all[{package.name, package.architecture}];
            versions.format = package.format;
            keep_newest(versions.*side, package);
        }
    Fidelity found;
    for (const auto& [key, versions] : all) {
        const int order =
            versions.host.empty() || versions.lab.empty()
                ? 0
                : families::compare_versions(versions.format, versions.lab, versions.host);
        if (versions.lab.empty()) ++found.missing;
        else if (versions.host.empty()) ++found.surplus;
        else if (order < 0) ++found.older;
        else if (order > 0) ++found.newer;
        else ++found.same;
        if (order != 0 || versions.host.empty() || versions.lab.empty())
            found.drift.push_back({key.first, key.second, versions.host, versions.lab});
    }
    return found;
}

}  // namespace patchlab::inventory
