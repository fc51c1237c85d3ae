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
                                       const intake::PatchPackage& package,
                                       const snapshots::AttributionRules& rules) {
    const families::PackageFamily& family = families::family(patch.kind);
    const auto wanted = [&](std::string_view path) {
        return snapshots::is_judged_by_text(rules, path);
    };
    families::PackageContents contents =
        family.read_for_comparison(patch.folder / "new" / package.file, wanted);
    const families::PackageFacts& facts = contents.facts;
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
    read.texts = std::move(contents.texts);
    if (!package.old_file.empty()) {
        families::PackageContents old =
            family.read_for_comparison(patch.folder / "old" / package.old_file, wanted);
        take(old.facts, read.old_files, read.old_contents);
        read.old_texts = std::move(old.texts);
    }
    return read;
}

/// Those of a family of packages, and what the lab adds.
snapshots::AttributionRules rules_of(const RunRequest& request, const std::string& family) {
    snapshots::AttributionRules all = families::family(family).attribution_rules();
    if (!request.lab.rules.empty())
        families::add_rules(
            all, families::rules_from_json(parse_json(request.lab.rules, "the rules of the lab")));
    return all;
}

}  // namespace

const std::vector<snapshots::PatchedPackage>& PatchContents::of(const RunRequest& request) {
    const std::lock_guard lock(reading_);
    if (!packages_) {
        std::vector<snapshots::PatchedPackage> packages;
        for (const intake::Patch& patch : request.patches)
            for (const intake::PatchPackage& package : patch.packages)
                packages.push_back(read_package(patch, package, rules_of(request, patch.kind)));
        packages_ = std::move(packages);
    }
    return *packages_;
}

snapshots::AttributionRules attribution_rules(const RunRequest& request,
                                              const std::string& machine) {
    return rules_of(request, request.machine(machine).family);
}

snapshots::CaptureOptions capture_options(const RunRequest& request, const std::string& machine) {
    snapshots::CaptureOptions options;
    options.search_paths = attribution_rules(request, machine).search_paths;
    return options;
}

}  // namespace patchlab::pipeline
