// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/adder.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "orchestrator/intake/package_pool.hpp"
#include "orchestrator/intake/signature.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::intake {

namespace {

using families::PackageContents;
using families::PackageFacts;
using families::PackageFamily;

constexpr std::uint64_t largest_package = 4ULL << 30;

struct Group {
    Patch patch;
    const PackageFamily* family = nullptr;
    std::vector<PackageContents> contents;
    std::unique_ptr<TempFolder> folder;
};

/// By family and id.
using Groups = std::map<std::pair<std::string, std::string>, Group>;

// A private copy is what gets checked and stored: the caller's file may change at any time.
fs::path private_copy(const fs::path& file, const fs::path& folder, std::size_t number) {
    std::error_code error;
    const auto status = fs::status(file, error);
    if (status.type() == fs::file_type::not_found)
        throw Error(ErrorCode::not_found, "there is no file " + file.string());
    if (status.type() != fs::file_type::regular)
        throw Error(ErrorCode::invalid, file.string() + ": is not a regular file");
    if (const auto size = fs::file_size(file, error); error || size > largest_package)
        throw Error(ErrorCode::invalid, file.string() + ": is larger than 4 GiB");
    const fs::path folder_of_one = folder / std::to_string(number);
    make_folder(folder_of_one, 0700);
    fs::path copy = folder_of_one / file.filename();  // errors then name it as the user did
    fs::copy_file(file, copy, error);
    if (error) throw Error(ErrorCode::lab, "cannot copy " + file.string() + ": " + error.message());
    return copy;
}

void check_architecture(const PackageFamily& family, const PackageFacts& facts,
                        const AddRequest& request, const std::string& file) {
    if (request.architectures.empty() ||
        std::any_of(request.architectures.begin(), request.architectures.end(),
                    [&](const std::string& architecture) {
                        return family.same_architecture(facts.architecture, architecture);
                    }))
        return;
    std::string fitting;
    for (const std::string& architecture : request.architectures)
        fitting += (fitting.empty() ? "" : ", ") + architecture;
    throw Error(ErrorCode::invalid,
                file + ": is for " + facts.architecture + ", the images are for " + fitting);
}

bool is_signed(const PackageFamily& family, const fs::path& original, const fs::path& copy,
               const AddRequest& request, process::CommandRunner& runner) {
    if (request.keyring && family.signed_by(copy, *request.keyring, runner)) return true;
    const fs::path signature = signature_of(original);
    if (!request.keyring || signature.empty()) {
        if (request.require_signature)
            throw Error(ErrorCode::refused, original.filename().string() + ": is not signed",
                        request.keyring ? "put its detached signature beside it as " +
                                              original.filename().string() + ".asc"
                                        : "name the vendor's keys with --keyring FILE");
        return false;
    }
    verify_signature(copy, signature, *request.keyring, runner);
    return true;
}

void take_file(Groups& groups, const AddRequest& request, const fs::path& original,
               const fs::path& copy, process::CommandRunner& runner) {
    const PackageFamily& family = families::family_of_file(copy);
    PackageContents contents = family.read(copy);
    const PackageFacts& facts = contents.facts;
    check_architecture(family, facts, request, original.filename().string());
    family.require_undamaged(copy, runner);
    const bool verified = is_signed(family, original, copy, request, runner);

    Group& group =
        groups[{std::string(family.name()), patch_id(facts.source, facts.source_version)}];
    if (!group.folder) {
        group.folder = std::make_unique<TempFolder>(request.state / "tmp", "patch");
        make_folder(group.folder->path() / "new");
        make_folder(group.folder->path() / "old");
        group.family = &family;
        group.patch.id = patch_id(facts.source, facts.source_version);
        group.patch.kind = family.name();
        group.patch.source = facts.source;
        group.patch.version = facts.source_version;
        group.patch.verified = true;
    }
    for (const PatchPackage& known : group.patch.packages)
        if (known.name == facts.name && known.architecture == facts.architecture)
            throw Error(ErrorCode::invalid, original.filename().string() + ": package " +
                                                facts.name + " is given twice");
    PatchPackage package;
    package.name = facts.name;
    package.architecture = facts.architecture;
    package.to = facts.version;
    package.origin = "local file";
    package.sha256 = sha256_file(copy);
    package.bytes = fs::file_size(copy);
    package.file = family.file_name(facts.name, facts.version, facts.architecture);
    package.source = facts.source;
    package.source_version = facts.source_version;
    fs::rename(copy, group.folder->path() / "new" / package.file);
    group.patch.verified = group.patch.verified && verified;
    group.patch.packages.push_back(std::move(package));
    group.contents.push_back(std::move(contents));
}

using Images = std::vector<const HoldingImage*>;

const std::string& held_by(const HoldingImage& image, const std::string& package) {
    static const std::string nothing;
    const auto found = image.packages.find(package);
    return found == image.packages.end() ? nothing : found->second;
}

/// Those of the images for which `fits` holds; all of them where it holds for none.
template <typename Fits>
Images preferred(const Images& images, Fits&& fits) {
    Images found;
    std::copy_if(images.begin(), images.end(), std::back_inserter(found),
                 [&](const HoldingImage* image) { return fits(*image); });
    return found.empty() ? images : found;
}

/// Nothing that the package requires stands in the image at a version that will not do, unless the
/// patch brings another.
bool meets_requirements(const HoldingImage& image, const PackageFacts& facts, const Group& group) {
    const auto is_open = [&](const families::Relation& relation) {
        const std::string& held = held_by(image, relation.name);
        return held.empty() || group.family->satisfies(held, relation) ||
               std::any_of(
                   group.contents.begin(), group.contents.end(),
                   [&](const PackageContents& other) { return other.facts.name == relation.name; });
    };
    return std::all_of(facts.requirements.begin(), facts.requirements.end(),
                       [&](const families::Requirement& requirement) {
                           return requirement.empty() ||
                                  std::any_of(requirement.begin(), requirement.end(), is_open);
                       });
}

/// The images whose version of the package this one may replace. A store may hold images of several
/// releases and architectures; the name alone does not say for which of them a file is.
Images images_it_fits(const PatchPackage& package, const PackageFacts& facts, const Group& group,
                      const AddRequest& request) {
    const PackageFamily& family = *group.family;
    Images found;
    for (const HoldingImage& image : request.images) {
        const std::string& held = held_by(image, package.name);
        const bool fits = image.architecture.empty() ||
                          family.same_architecture(package.architecture, image.architecture);
        if (!held.empty() && held != package.to && fits &&
            family.fits_system(package.name, package.to, image.packages))
            found.push_back(&image);
    }
    found = preferred(
        found, [&](const HoldingImage& image) { return meets_requirements(image, facts, group); });
    return preferred(found, [&](const HoldingImage& image) {
        return family.compare_versions(held_by(image, package.name), package.to) < 0;
    });
}

/// The package once for each old version of it that can be had exactly; once without, when there is
/// none.
std::vector<PatchPackage> with_way_back(const PatchPackage& package, const Images& images,
                                        const PackagePool& pool, const fs::path& old_folder) {
    std::vector<PatchPackage> rows;
    std::set<std::string> seen;
    for (const HoldingImage* image : images) {
        const std::string& held = held_by(*image, package.name);
        if (!seen.insert(held).second) continue;
        const auto old = pool.keep(package.name, held, package.architecture, old_folder);
        if (!old) continue;
        rows.push_back(package);
        rows.back().from = held;
        rows.back().old_file = old->file;
        rows.back().old_sha256 = old->sha256;
    }
    if (rows.empty()) rows.push_back(package);
    return rows;
}

// The same name and version with other content is a rebuilt or forged file; both cannot be the
// candidate.
void refuse_other_content(PatchStore& store, const Patch& patch) {
    for (const Patch& known : store.list())
        for (const PatchPackage& there : known.packages)
            for (const PatchPackage& mine : patch.packages)
                if (there.name == mine.name && there.to == mine.to &&
                    there.architecture == mine.architecture && there.sha256 != mine.sha256)
                    throw Error(ErrorCode::conflict,
                                mine.name + " " + mine.to +
                                    " is in the store with other content (patch '" + known.id +
                                    "')",
                                "remove that patch first, or give the new file a new version");
}

}  // namespace

std::vector<Patch> add_files(const AddRequest& request, PatchStore& store,
                             process::CommandRunner& runner, const Clock& clock) {
    if (request.files.empty()) throw Error(ErrorCode::usage, "no file given");
    const TempFolder work(request.state / "tmp", "add");
    Groups groups;
    for (std::size_t i = 0; i < request.files.size(); ++i)
        take_file(groups, request, request.files[i], private_copy(request.files[i], work.path(), i),
                  runner);
    std::vector<fs::path> pools;
    for (const HoldingImage& image : request.images) pools.push_back(image.pool);
    for (auto& [key, group] : groups) {
        refuse_other_content(store, group.patch);
        add_notes(group.patch, group.family->notes_of(group.contents, group.patch.source, "",
                                                      group.patch.version));
        const PackagePool pool(*group.family, pools);
        std::vector<PatchPackage> rows;
        for (std::size_t i = 0; i < group.patch.packages.size(); ++i) {
            const PatchPackage& package = group.patch.packages[i];
            const Images images = images_it_fits(package, group.contents[i].facts, group, request);
            for (PatchPackage& row :
                 with_way_back(package, images, pool, group.folder->path() / "old"))
                rows.push_back(std::move(row));
        }
        group.patch.packages = std::move(rows);
        group.patch.added = to_rfc3339(clock.now());
        group.patch.id = store.free_id(group.patch);
    }
    std::vector<Patch> stored;
    std::vector<std::string> added;
    try {
        for (auto& [key, group] : groups) {
            const bool known = store.has(group.patch.id);
            stored.push_back(store.add(group.patch, group.folder->path()));
            if (!known) added.push_back(group.patch.id);
        }
    } catch (...) {
        for (const std::string& id : added) store.remove(id);
        throw;
    }
    return stored;
}

}  // namespace patchlab::intake
