// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/packages.hpp"

#include <algorithm>
#include <set>

#include "snapshots/state.hpp"

namespace patchlab::pipeline {

InstalledPackages installed_packages(const snapshots::Capture& capture) {
    InstalledPackages installed;
    const auto facts = capture.facts.find(snapshots::ChangeClass::package);
    if (facts == capture.facts.end()) return installed;
    for (const auto& [text, value] : facts->second) {
        const auto subject = snapshots::fact_subject(facts->first, text, value);
        const auto state = snapshots::fact_state(facts->first, subject, value);
        const auto* name = std::get_if<snapshots::PackageName>(&subject);
        const auto* package = std::get_if<snapshots::PackageState>(&state);
        if (name != nullptr && package != nullptr) installed[name->name] = package->version;
    }
    return installed;
}

bool updates_something(const intake::Patch& patch, const std::vector<InstalledPackages>& machines) {
    return std::any_of(
        patch.packages.begin(), patch.packages.end(), [&](const intake::PatchPackage& package) {
            return !package.prerequisite &&
                   std::any_of(machines.begin(), machines.end(), [&](const InstalledPackages& m) {
                       return m.count(package.name) > 0;
                   });
        });
}

std::vector<ExpectedPackage> packages_for(const std::vector<intake::Patch>& patches,
                                          const InstalledPackages& here,
                                          const std::vector<InstalledPackages>& machines) {
    std::vector<ExpectedPackage> wanted;
    std::set<std::string> names;
    for (const intake::Patch& patch : patches) {
        const bool update = updates_something(patch, machines);
        for (const intake::PatchPackage& package : patch.packages) {
            const auto installed = here.find(package.name);
            const bool at_another_version =
                installed != here.end() && installed->second != package.to;
            const bool new_installation =
                !update && !package.prerequisite && installed == here.end();
            if ((at_another_version || new_installation) && names.insert(package.name).second)
                wanted.push_back(
                    {package.name, package.to, installed == here.end() ? "" : installed->second});
        }
    }
    return wanted;
}

WayBack way_back(const std::vector<intake::Patch>& patches, const InstalledPackages& before,
                 const InstalledPackages& after) {
    WayBack back;
    const auto kept = [&](const std::string& name, const std::string& version) {
        for (const intake::Patch& patch : patches)
            for (const intake::PatchPackage& package : patch.packages)
                if (package.name == name && package.from == version && !package.old_file.empty())
                    return true;
        return false;
    };
    for (const auto& [name, version] : after) {
        const auto old = before.find(name);
        if (old == before.end()) back.removals.push_back(name);
        else if (old->second != version) {
            if (kept(name, old->second)) back.packages.push_back({name, old->second, version});
            else back.missing.push_back(name + " " + old->second);
        }
    }
    for (const auto& [name, version] : before)
        if (!after.count(name)) {
            if (kept(name, version)) back.packages.push_back({name, version, ""});
            else back.missing.push_back(name + " " + version);
        }
    return back;
}

}  // namespace patchlab::pipeline
