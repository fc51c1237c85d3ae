// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/fetcher.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/intake/old_versions.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::intake {

namespace {

using families::AvailablePackage;
using families::PackageContents;
using families::PackageFamily;
using families::Plan;
using families::PlannedPackage;
using families::Vendor;
using Tell = families::Notice;

/// What is known of a plan without its files.
Patch outline(const PackageFamily& family, const Plan& plan) {
    if (!family.valid_name(plan.source) || !family.valid_version(plan.version))
        throw Error(ErrorCode::invalid, "the vendor offers '" + plan.source + "' '" + plan.version +
                                            "', which is no source package and version");
    Patch patch;
    patch.kind = family.name();
    patch.id = patch_id(plan.source, plan.version);
    patch.source = plan.source;
    patch.version = plan.version;
    patch.urgency = plan.urgency;
    patch.advisories = plan.advisories;
    patch.reboot_why = plan.reboot_why;
    patch.verified = true;
    for (const PlannedPackage& planned : plan.packages) {
        PatchPackage package;
        package.name = planned.to.name;
        package.architecture = planned.to.architecture;
        package.from = planned.from;
        package.to = planned.to.version;
        package.origin = planned.to.origin;
        package.sha256 = planned.to.sha256;
        package.bytes = planned.to.bytes;
        package.prerequisite = planned.prerequisite;
        package.source = planned.to.source;
        package.source_version = planned.to.source_version;
        patch.verified = patch.verified && planned.to.verified;
        if (patch.reboot_why.empty()) patch.reboot_why = family.reboot_reason(package.name);
        patch.packages.push_back(std::move(package));
    }
    patch.reboot = !patch.reboot_why.empty();
    patch.digest = digest_of(patch.packages);
    return patch;
}

std::string oldest_source_version(const PackageFamily& family, const Plan& plan) {
    std::string oldest;
    for (const PlannedPackage& planned : plan.packages) {
        if (planned.prerequisite || planned.from_source_version.empty()) continue;
        if (oldest.empty() || family.compare_versions(planned.from_source_version, oldest) < 0)
            oldest = planned.from_source_version;
    }
    return oldest;
}

struct Wanted {
    Plan plan;
    Patch patch;
};

/// The vendor of one family and architecture, and what it has for the images.
struct Source {
    const PackageFamily* family = nullptr;
    std::unique_ptr<Vendor> vendor;
    std::map<std::string, Plan> plans;
};

// Fetches the new and the old files of all wanted patches into `pool`.
void download_all(Vendor& vendor, const std::vector<Wanted>& wanted, OldVersions& old,
                  const fs::path& pool, const Tell& progress) {
    std::map<std::string, AvailablePackage> files;
    for (const Wanted& one : wanted)
        for (const PlannedPackage& planned : one.plan.packages) {
            files.emplace(planned.to.sha256, planned.to);
            if (const AvailablePackage* before = old.in_index(planned))
                files.emplace(before->sha256, *before);
        }
    // A vendor downloads one version of a name a call: old and new ones go in rounds.
    while (!files.empty()) {
        std::vector<AvailablePackage> round;
        std::set<std::string> names;
        std::uint64_t bytes = 0;
        for (auto it = files.begin(); it != files.end();) {
            if (!names.insert(it->second.name).second) {
                ++it;
                continue;
            }
            bytes += it->second.bytes;
            round.push_back(it->second);
            it = files.erase(it);
        }
        if (free_bytes(pool) < bytes * 2 + (64ULL << 20))
            throw Error(
                ErrorCode::lab,
                "not enough space to download " + std::to_string(bytes >> 20) + " MiB of packages",
                "free some space below " + pool.string());
        const std::string total = std::to_string(round.size()) + " packages (" +
                                  std::to_string((bytes >> 20) + 1) + " MiB)";
        progress("downloading " + total);
        vendor.download(round, pool, [&](std::size_t done) {
            progress("downloading " + std::to_string(done) + " of " + total);
        });
    }
}

void link_or_copy(const fs::path& from, const fs::path& to) {
    make_folder(to.parent_path());
    fs::copy_file(from, to, fs::copy_options::skip_existing);
}

/// What the packages say of the update, and what the vendor's index says of it.
families::VendorNotes with_index_notes(const Plan& plan, families::VendorNotes notes) {
    for (const std::string& advisory : plan.advisories)
        if (std::find(notes.advisories.begin(), notes.advisories.end(), advisory) ==
            notes.advisories.end())
            notes.advisories.push_back(advisory);
    if (!plan.advisories.empty()) std::sort(notes.advisories.begin(), notes.advisories.end());
    if (notes.urgency == "unknown") notes.urgency = plan.urgency;
    if (notes.reboot_why.empty()) notes.reboot_why = plan.reboot_why;
    return notes;
}

Patch store_patch(const PackageFamily& family, Wanted& one, OldVersions& old, const fs::path& pool,
                  const fs::path& state, PatchStore& store, const Clock& clock) {
    TempFolder folder(state / "tmp", "patch");
    make_folder(folder.path() / "new");
    make_folder(folder.path() / "old");
    std::vector<PackageContents> contents;
    std::set<std::string> read;
    for (std::size_t i = 0; i < one.plan.packages.size(); ++i) {
        const PlannedPackage& planned = one.plan.packages[i];
        PatchPackage& package = one.patch.packages[i];
        package.file = family.file_name(package.name, package.to, package.architecture);
        link_or_copy(pool / package.file, folder.path() / "new" / package.file);
        if (read.insert(package.file).second)
            contents.push_back(family.read(folder.path() / "new" / package.file));
        if (const auto before = old.take(planned, pool, folder.path() / "old")) {
            package.old_file = before->file;
            package.old_sha256 = before->sha256;
        }
    }
    add_notes(one.patch,
              with_index_notes(one.plan, family.notes_of(contents, one.patch.source,
                                                         oldest_source_version(family, one.plan),
                                                         one.patch.version)));
    one.patch.added = to_rfc3339(clock.now());
    return store.add(one.patch, folder.path());
}

void require_all_met(const std::vector<std::string>& only, const std::vector<std::string>& met) {
    for (const std::string& name : only)
        if (std::find(met.begin(), met.end(), name) == met.end())
            throw Error(ErrorCode::not_found, "nothing is pending for '" + name + "'",
                        "see what is with: patchlab patch fetch --list-only");
}

/// Opens the vendors that the images need, one for each family and architecture, and plans what is
/// pending for each image.
std::vector<Source> plan_images(const FetchRequest& request, std::vector<std::string>& met,
                                process::CommandRunner& runner, const Tell& progress,
                                const Tell& notice) {
    std::map<std::pair<std::string, std::string>, std::size_t> known;
    std::vector<Source> sources;
    for (const FetchImage& image : request.images) {
        const PackageFamily& family = families::family(image.family);
        const families::InstalledSystem system{image.name, image.database};
        const std::string architecture = family.architecture_of(system);
        const auto [at, is_new] = known.try_emplace({image.family, architecture}, sources.size());
        if (is_new) {
            const auto from = request.sources.find(image.family);
            if (from == request.sources.end())
                throw Error(ErrorCode::invalid,
                            "there are no package sources for " + image.family + " packages");
            sources.push_back(
                {&family,
                 family.open_vendor({request.state, from->second, architecture}, runner),
                 {}});
            progress("reading the package indexes");
            sources.back().vendor->update();
        }
        Source& source = sources[at->second];
        progress("solving what is pending for image " + image.name);
        source.vendor->add_pending(system, request.only, met, source.plans, notice);
    }
    return sources;
}

/// The folders in which the images of one family keep what they were built from.
std::vector<fs::path> pools_of(const FetchRequest& request, const PackageFamily& family) {
    std::vector<fs::path> pools;
    for (const FetchImage& image : request.images)
        if (image.package_pool && image.family == family.name())
            pools.push_back(*image.package_pool);
    return pools;
}

}  // namespace

std::vector<Patch> fetch_patches(const FetchRequest& request, PatchStore& store,
                                 process::CommandRunner& runner, const Clock& clock) {
    const Tell progress = request.progress ? request.progress : [](const std::string&) {};
    const Tell notice = request.notice ? request.notice : [](const std::string&) {};
    if (request.images.empty())
        throw Error(ErrorCode::invalid, "there is no image to fetch patches for");
    std::vector<std::string> met;
    const std::vector<Source> sources = plan_images(request, met, runner, progress, notice);
    require_all_met(request.only, met);

    std::vector<Patch> patches;
    for (const Source& source : sources) {
        std::vector<Wanted> wanted;
        for (const auto& [key, plan] : source.plans) {
            Patch patch = outline(*source.family, plan);
            patch.id = store.free_id(patch);
            if (auto known = store.find(patch.id)) patches.push_back(std::move(*known));
            else if (request.list_only) patches.push_back(std::move(patch));
            else wanted.push_back({plan, std::move(patch)});
        }
        if (wanted.empty()) continue;
        OldVersions old(*source.family, *source.vendor, pools_of(request, *source.family));
        const TempFolder pool(request.state / "tmp", "fetch");
        download_all(*source.vendor, wanted, old, pool.path(), progress);
        for (Wanted& one : wanted) {
            progress("storing " + one.patch.id);
            patches.push_back(
                store_patch(*source.family, one, old, pool.path(), request.state, store, clock));
        }
    }
    std::sort(patches.begin(), patches.end(),
              [](const Patch& a, const Patch& b) { return a.id < b.id; });
    return patches;
}

}  // namespace patchlab::intake
