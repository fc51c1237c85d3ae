// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/fetcher.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "orchestrator/intake/apt_root.hpp"
#include "orchestrator/intake/control.hpp"
#include "orchestrator/intake/deb_version.hpp"
#include "orchestrator/intake/old_versions.hpp"
#include "orchestrator/intake/patch_contents.hpp"
#include "orchestrator/intake/pending.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::intake {

namespace {

using Tell = std::function<void(const std::string&)>;

std::string oldest_source_version(const Plan& plan) {
    std::string oldest;
    for (const PlannedPackage& planned : plan.packages) {
        if (planned.prerequisite || planned.from_source_version.empty()) continue;
        if (oldest.empty() || compare_versions(planned.from_source_version, oldest) < 0)
            oldest = planned.from_source_version;
    }
    return oldest;
}

struct Wanted {
    Plan plan;
    Patch patch;
};

// Fetches the new and the old files of all wanted patches with one apt call each, into `pool`.
void download_all(AptRoot& apt, const std::vector<Wanted>& wanted, OldVersions& old,
                  const fs::path& pool, const Tell& progress) {
    std::map<std::string, AvailablePackage> files;
    for (const Wanted& one : wanted)
        for (const PlannedPackage& planned : one.plan.packages) {
            files.emplace(planned.to.sha256, planned.to);
            if (const AvailablePackage* before = old.in_index(planned))
                files.emplace(before->sha256, *before);
        }
    // apt downloads one version of a name a call: old and new ones go in rounds.
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
        apt.download(round, pool, [&](std::size_t done) {
            progress("downloading " + std::to_string(done) + " of " + total);
        });
    }
}

void link_or_copy(const fs::path& from, const fs::path& to) {
    make_folder(to.parent_path());
    fs::copy_file(from, to, fs::copy_options::skip_existing);
}

Patch store_patch(Wanted& one, OldVersions& old, const fs::path& pool, const fs::path& state,
                  PatchStore& store, const Clock& clock) {
    TempFolder folder(state / "tmp", "patch");
    make_folder(folder.path() / "new");
    make_folder(folder.path() / "old");
    std::vector<DebContents> contents;
    std::set<std::string> read;
    for (std::size_t i = 0; i < one.plan.packages.size(); ++i) {
        const PlannedPackage& planned = one.plan.packages[i];
        PatchPackage& package = one.patch.packages[i];
        package.file = deb_file_name(package.name, package.to, package.architecture);
        link_or_copy(pool / package.file, folder.path() / "new" / package.file);
        if (read.insert(package.file).second)
            contents.push_back(
                read_deb_file(folder.path() / "new" / package.file, tells_about_patch));
        if (const auto before = old.take(planned, pool, folder.path() / "old")) {
            package.old_file = before->file;
            package.old_sha256 = before->sha256;
        }
    }
    describe_from(one.patch, contents, oldest_source_version(one.plan));
    one.patch.added = to_rfc3339(clock.now());
    return store.add(one.patch, folder.path());
}

void require_all_met(const std::vector<std::string>& only, const std::vector<std::string>& met) {
    for (const std::string& name : only)
        if (std::find(met.begin(), met.end(), name) == met.end())
            throw Error(ErrorCode::not_found, "nothing is pending for '" + name + "'",
                        "see what is with: patchlab patch fetch --list-only");
}

}  // namespace

std::vector<Patch> fetch_patches(const FetchRequest& request, PatchStore& store,
                                 process::CommandRunner& runner, const Clock& clock) {
    const Tell progress = request.progress ? request.progress : [](const std::string&) {};
    const Tell notice = request.notice ? request.notice : [](const std::string&) {};
    if (request.images.empty())
        throw Error(ErrorCode::invalid, "there is no image to fetch patches for");
    std::map<std::string, AptRoot> roots;  // one for each architecture
    std::map<std::string, std::map<std::string, Plan>> plans;
    std::vector<std::string> met;
    for (const FetchImage& image : request.images) {
        const std::string where = "dpkg status of image " + image.name;
        const std::string architecture =
            native_architecture(read_status(image.dpkg_status, where), where);
        auto root = roots.find(architecture);
        if (root == roots.end()) {
            root = roots
                       .emplace(architecture, AptRoot({request.state, request.sources, architecture,
                                                       request.host_settings},
                                                      runner))
                       .first;
            progress("reading the package indexes");
            root->second.update();
        }
        progress("solving what is pending for image " + image.name);
        plan_image(root->second, image.name, image.dpkg_status, request.only, met,
                   plans[architecture], notice);
    }
    require_all_met(request.only, met);

    std::vector<Patch> patches;
    for (auto& [architecture, root] : roots) {
        std::vector<Wanted> wanted;
        for (const auto& [id, plan] : plans[architecture]) {
            Patch patch = outline(plan);
            patch.id = store.free_id(patch);
            if (auto known = store.find(patch.id)) patches.push_back(std::move(*known));
            else if (request.list_only) patches.push_back(std::move(patch));
            else wanted.push_back({plan, std::move(patch)});
        }
        if (wanted.empty()) continue;
        OldVersions old(root, request.images);
        const TempFolder pool(request.state / "tmp", "fetch");
        download_all(root, wanted, old, pool.path(), progress);
        for (Wanted& one : wanted) {
            progress("storing " + one.patch.id);
            patches.push_back(store_patch(one, old, pool.path(), request.state, store, clock));
        }
    }
    std::sort(patches.begin(), patches.end(),
              [](const Patch& a, const Patch& b) { return a.id < b.id; });
    return patches;
}

std::string sources_for_release(const std::string& deb822, const std::string& codename) {
    static constexpr std::array<std::string_view, 9> releases = {
        "stretch", "buster", "bullseye", "bookworm",    "trixie",
        "forky",   "duke",   "sid",      "experimental"};
    const auto of_release = [](const std::string& suite, std::string_view release) {
        return suite.substr(0, release.size()) == release &&
               (suite.size() == release.size() || suite[release.size()] == '-' ||
                suite[release.size()] == '/');
    };
    const auto fits = [&](const std::string& suite) {
        if (codename.empty() || of_release(suite, codename)) return true;
        return std::none_of(releases.begin(), releases.end(),
                            [&](std::string_view release) { return of_release(suite, release); });
    };
    StanzaReader reader(deb822, "package sources");
    Stanza stanza;
    std::string out;
    while (reader.next(stanza)) {
        std::string suites;
        std::string rest(stanza.get("Suites"));
        std::replace(rest.begin(), rest.end(), '\n', ' ');
        for (std::size_t at = 0; at < rest.size();) {
            const auto end = std::min(rest.find(' ', at), rest.size());
            if (const std::string suite = rest.substr(at, end - at); !suite.empty() && fits(suite))
                suites += (suites.empty() ? "" : " ") + suite;
            at = end + 1;
        }
        if (suites.empty()) continue;
        if (!out.empty()) out += "\n";
        for (const auto& [name, value] : stanza.fields()) {
            const bool is_suites = name == "Suites" || name == "suites";
            out += std::string(name) + ": " + (is_suites ? suites : std::string(value)) + "\n";
        }
    }
    return out;
}

}  // namespace patchlab::intake
