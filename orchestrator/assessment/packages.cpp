// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/assessment/packages.hpp"

#include <algorithm>

namespace patchlab::assessment {

std::string version_in(const InstalledPackages& installed, const std::string& name) {
    const auto found = installed.find(name);
    return found == installed.end() ? "" : found->second;
}

std::vector<ExpectedPackage> expected_packages(const std::vector<OfferedVersion>& offer,
                                               const InstalledPackages& here) {
    std::vector<ExpectedPackage> expected;
    for (const OfferedVersion& offered : offer) {
        const std::string has = version_in(here, offered.name);
        if (has.empty() && !offered.if_missing) continue;
        const auto known = std::find_if(
            expected.begin(), expected.end(),
            [&](const ExpectedPackage& package) { return package.name == offered.name; });
        if (known == expected.end()) expected.push_back({offered.name, offered.version, has});
        else if (known->is_there()) known->version = offered.version;
    }
    return expected;
}

std::string BackoutPlan::obstacle() const {
    std::string text;
    for (const std::string& package : missing)
        text += (text.empty() ? "" : "; ") + package + " was not kept";
    return text;
}

BackoutPlan backout_plan(
    const InstalledPackages& before, const InstalledPackages& after,
    const std::function<bool(const std::string& name, const std::string& version)>& kept) {
    BackoutPlan plan;
    const auto bring_back = [&](const std::string& name, const std::string& old,
                                const std::string& now) {
        if (kept(name, old)) plan.packages.push_back({name, old, now});
        else plan.missing.push_back(name + " " + old);
    };
    for (const auto& [name, version] : after) {
        const std::string old = version_in(before, name);
        if (version.empty() || old == version) continue;
        if (old.empty()) plan.removals.push_back(name);
        else bring_back(name, old, version);
    }
    for (const auto& [name, version] : before)
        if (!version.empty() && version_in(after, name).empty()) bring_back(name, version, "");
    return plan;
}

}  // namespace patchlab::assessment
