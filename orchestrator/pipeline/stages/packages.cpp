// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/packages.hpp"

#include <algorithm>

#include "orchestrator/families/package_family.hpp"
#include "snapshots/state.hpp"

namespace patchlab::pipeline {

namespace {

/// Calls `take(name, state)` for each package that the machine knows of.
template <typename Take>
void for_each_package(const snapshots::Capture& capture, Take take) {
    const auto facts = capture.facts.find(snapshots::ChangeClass::package);
    if (facts == capture.facts.end()) return;
    for (const auto& [text, value] : facts->second) {
        const auto subject = snapshots::fact_subject(facts->first, text, value);
        const auto state = snapshots::fact_state(facts->first, subject, value);
        const auto* name = std::get_if<snapshots::PackageName>(&subject);
        const auto* package = std::get_if<snapshots::PackageState>(&state);
        if (name != nullptr && package != nullptr) take(name->name, *package);
    }
}

}  // namespace

InstalledPackages installed_packages(const snapshots::Capture& capture) {
    InstalledPackages installed;
    for_each_package(capture, [&](const std::string& name, const snapshots::PackageState& package) {
        // what was removed is not installed, though its configuration is there
        if (package.status != snapshots::PackageStatus::config_files)
            installed[name] = package.version;
    });
    return installed;
}

std::vector<std::string> held_packages(const snapshots::Capture& capture) {
    std::vector<std::string> held;
    for_each_package(capture, [&](const std::string& name, const snapshots::PackageState& package) {
        if (package.hold) held.push_back(name);
    });
    return held;
}

namespace {

/// Whether the package may be for a machine with `here` at all: a store holds patches for several
/// releases, and names are the same in all of them.
bool fits(const intake::Patch& patch, const intake::PatchPackage& package,
          const InstalledPackages& here) {
    return families::family(patch.kind).fits_system(package.name, package.to, here);
}

}  // namespace

bool updates_something(const intake::Patch& patch, const std::vector<InstalledPackages>& machines) {
    return std::any_of(
        patch.packages.begin(), patch.packages.end(), [&](const intake::PatchPackage& package) {
            return !package.prerequisite &&
                   std::any_of(machines.begin(), machines.end(), [&](const InstalledPackages& m) {
                       return m.count(package.name) > 0 && fits(patch, package, m);
                   });
        });
}

std::vector<ExpectedPackage> packages_for(const std::vector<intake::Patch>& patches,
                                          const InstalledPackages& here,
                                          const std::vector<InstalledPackages>& machines) {
    std::vector<assessment::OfferedVersion> offer;
    for (const intake::Patch& patch : patches) {
        const bool update = updates_something(patch, machines);
        for (const intake::PatchPackage& package : patch.packages)
            if (fits(patch, package, here))
                offer.push_back({package.name, package.to, !update && !package.prerequisite});
    }
    std::vector<ExpectedPackage> wanted = assessment::expected_packages(offer, here);
    std::erase_if(wanted, [](const ExpectedPackage& package) { return package.is_there(); });
    return wanted;
}

BackoutPlan backout_plan(const std::vector<intake::Patch>& patches, const InstalledPackages& before,
                         const InstalledPackages& after) {
    return assessment::backout_plan(
        before, after, [&](const std::string& name, const std::string& version) {
            for (const intake::Patch& patch : patches)
                for (const intake::PatchPackage& package : patch.packages)
                    if (package.name == name && package.from == version &&
                        !package.old_file.empty())
                        return true;
            return false;
        });
}

}  // namespace patchlab::pipeline
