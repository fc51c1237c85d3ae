// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/need.hpp"

#include <algorithm>

#include "orchestrator/families/package_family.hpp"

namespace patchlab::inventory {

using assessment::Need;

namespace {

std::string list(const std::vector<NeededPackage>& packages) {
    std::string text;
    for (const NeededPackage& package : packages) {
        if (text.size() > 400) return text + ", …";
        text += (text.empty() ? "" : ", ") + package.name + " " + package.installed + " → " +
                package.to +
                (package.rehearsed.value_or(true) ? "" : " (not the version the lab replaced)");
    }
    return text;
}

}  // namespace

NeedAnswer need_of(const Offer& offer, const std::vector<InstalledPackage>& installed) {
    std::vector<NeededPackage> older, elsewhere;
    std::string broken, present;
    // A patch lists a package once for each version it replaced somewhere: each installed one is
    // asked about once.
    for (const InstalledPackage& has : installed) {
        bool behind = false, behind_elsewhere = false;
        NeededPackage found{has.name, has.architecture, has.version, "", std::nullopt};
        for (const OfferedPackage& wanted : offer.packages) {
            if (wanted.name != has.name || wanted.format != has.format) continue;
            const bool fits = families::family(has.format)
                                  .same_architecture(wanted.architecture, has.architecture);
            if (fits && !has.state.empty() && broken.empty())
                broken = has.name + " is " + has.state + " on the host";
            if (fits && present.empty()) present = has.name + " " + has.version;
            if (families::compare_versions(has.format, has.version, wanted.to) >= 0) continue;
            (fits ? behind : behind_elsewhere) = true;
            if (fits || found.to.empty()) found.to = wanted.to;
            if (!wanted.from.empty())
                found.rehearsed = found.rehearsed.value_or(false) ||
                                  std::find(wanted.from.begin(), wanted.from.end(), has.version) !=
                                      wanted.from.end();
        }
        if (behind) older.push_back(found);
        else if (behind_elsewhere) elsewhere.push_back(found);
    }
    if (!older.empty()) return {Need::needed, list(older), older, false};
    if (!broken.empty()) return {Need::unknown, broken, {}, false};
    if (!elsewhere.empty())
        return {Need::unknown,
                "of another architecture: " + elsewhere[0].name + ":" + elsewhere[0].architecture +
                    " " + elsewhere[0].installed,
                elsewhere, true};
    return {Need::not_needed,
            present.empty() ? "none of its packages is installed" : "has " + present,
            {},
            false};
}

}  // namespace patchlab::inventory
