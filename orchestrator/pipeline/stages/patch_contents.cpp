// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/patch_contents.hpp"

#include <algorithm>

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

snapshots::PatchedPackage patched(const intake::Patch& patch, const intake::PatchPackage& package,
                                  const families::PackageContents& contents) {
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
    take(facts, read.files, read.contents);
    read.texts = contents.texts;
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

std::vector<intake::PatchPackage> packages_that_fit(const intake::Patch& patch,
                                                    const InstalledPackages& installed) {
    const families::PackageFamily& family = families::family(patch.kind);
    std::vector<intake::PatchPackage> found;
    for (const intake::PatchPackage& package : patch.packages) {
        if (!family.fits_system(package.name, package.to, installed)) continue;
        const std::string here = assessment::version_in(installed, package.name);
        const auto known =
            std::find_if(found.begin(), found.end(), [&](const intake::PatchPackage& other) {
                return other.name == package.name && other.to == package.to &&
                       other.architecture == package.architecture;
            });
        if (known != found.end() && (package.from != here || !known->old_file.empty())) continue;
        intake::PatchPackage fitting = package;
        if (package.from != here) {
            fitting.from = here;
            fitting.old_file.clear();
            fitting.old_sha256.clear();
        }
        if (known != found.end()) *known = std::move(fitting);
        else found.push_back(std::move(fitting));
    }
    return found;
}

const std::vector<snapshots::PatchedPackage>& PatchContents::of(
    const RunRequest& request, const std::string& machine, const InstalledPackages& installed) {
    const std::lock_guard lock(reading_);
    const auto known = packages_.find(machine);
    if (known != packages_.end()) return known->second;
    const auto contents_of =
        [&](const intake::Patch& patch,
            const std::filesystem::path& file) -> const families::PackageContents& {
        const auto at = read_.find(file.string());
        if (at != read_.end()) return at->second;
        const snapshots::AttributionRules rules = rules_of(request, patch.kind);
        const auto wanted = [&](std::string_view path) {
            return snapshots::is_judged_by_text(rules, path);
        };
        return read_[file.string()] =
                   families::family(patch.kind).read_for_comparison(file, wanted);
    };
    std::vector<snapshots::PatchedPackage> packages;
    for (const intake::Patch& patch : request.patches)
        for (const intake::PatchPackage& package : packages_that_fit(patch, installed)) {
            packages.push_back(
                patched(patch, package, contents_of(patch, patch.folder / "new" / package.file)));
            if (package.old_file.empty()) continue;
            const families::PackageContents& old =
                contents_of(patch, patch.folder / "old" / package.old_file);
            take(old.facts, packages.back().old_files, packages.back().old_contents);
            packages.back().old_texts = old.texts;
        }
    return packages_[machine] = std::move(packages);
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
