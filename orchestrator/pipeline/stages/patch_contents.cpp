// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/patch_contents.hpp"

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/families/rules.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

/// Every path a package brings, folders too, and what its regular files hold.
void take(const families::PackageFacts& facts, std::vector<std::string>& paths,
          std::map<std::string, std::string>& contents) {
    for (const families::PackagedFile& file : facts.files) {
        paths.push_back(file.path);
        if (!file.sha256.empty()) contents.emplace(file.path, file.sha256);
    }
}

snapshots::PatchedPackage read_package(const intake::Patch& patch,
                                       const intake::PatchPackage& package) {
    const families::PackageFamily& family = families::family(patch.kind);
    const families::PackageFacts facts =
        family.read_facts(patch.folder / "new" / package.file, families::Contents::digested);
    snapshots::PatchedPackage read{package.name,
                                   patch.source,
                                   package.from,
                                   package.to,
                                   {},
                                   {},
                                   facts.conffiles,
                                   facts.triggers,
                                   facts.maintainer_scripts};
    read.declarations = facts.declarations;
    take(facts, read.files, read.contents);
    if (!package.old_file.empty())
        take(family.read_facts(patch.folder / "old" / package.old_file,
                               families::Contents::digested),
             read.old_files, read.old_contents);
    return read;
}

}  // namespace

const std::vector<snapshots::PatchedPackage>& PatchContents::of(const RunRequest& request) {
    const std::lock_guard lock(reading_);
    if (!packages_) {
        std::vector<snapshots::PatchedPackage> packages;
        for (const intake::Patch& patch : request.patches)
            for (const intake::PatchPackage& package : patch.packages)
                packages.push_back(read_package(patch, package));
        packages_ = std::move(packages);
    }
    return *packages_;
}

snapshots::AttributionRules attribution_rules(const RunRequest& request,
                                              const std::string& machine) {
    snapshots::AttributionRules all =
        families::family(request.machine(machine).family).attribution_rules();
    if (!request.lab.rules.empty())
        families::add_rules(
            all, families::rules_from_json(parse_json(request.lab.rules, "the rules of the lab")));
    return all;
}

}  // namespace patchlab::pipeline
