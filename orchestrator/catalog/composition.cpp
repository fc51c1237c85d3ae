// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/composition.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "orchestrator/catalog/access.hpp"
#include "orchestrator/catalog/object_store.hpp"
#include "orchestrator/families/package_family.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::catalog {

namespace {

using Key = std::tuple<std::string, std::string, std::string>;  // format, name, architecture

Key key_of(const EntryPackage& package) {
    return {package.format, package.name, package.architecture};
}

struct Offer {
    const Candidate* by = nullptr;
    const EntryPackage* package = nullptr;
};

/// Of each package the newest version of a live entry.
std::map<Key, Offer> offers_of(const std::vector<Candidate>& candidates) {
    std::map<Key, Offer> offers;
    for (const Candidate& candidate : candidates) {
        if (!candidate.live()) continue;
        for (const EntryPackage& package : candidate.entry.packages) {
            Offer& best = offers[key_of(package)];
            if (!best.by || families::compare_versions(package.format, package.after.version,
                                                       best.package->after.version) >= 0)
                best = {&candidate, &package};
        }
    }
    return offers;
}

/// The bytes that were taken back.
std::set<std::string> taken_back(const std::vector<Candidate>& candidates) {
    std::set<std::string> digests;
    for (const Candidate& candidate : candidates)
        if (!candidate.live())
            for (const EntryPackage& package : candidate.entry.packages)
                digests.insert(package.after.sha256);
    // the same bytes may have been approved anew, by a run of their own
    for (const Candidate& candidate : candidates)
        if (candidate.live())
            for (const EntryPackage& package : candidate.entry.packages)
                digests.erase(package.after.sha256);
    return digests;
}

class Composer {
  public:
    void add(const EntryPackage& package, const EntryFile& file, const std::string& entry,
             PackageRole role) {
        const auto [at, fresh] =
            packages_.try_emplace({key_of(package), file.version},
                                  ChannelPackage{package.name, package.architecture, package.format,
                                                 file, entry, role, false});
        if (!fresh && at->second.file.sha256 != file.sha256)
            throw Error(ErrorCode::conflict,
                        "two different files claim to be " + package.name + " " + file.version +
                            ": one of entry '" + at->second.entry + "', one of '" + entry + "'",
                        "withdraw one of the two entries");
    }
    std::vector<ChannelPackage> sorted() const {
        std::vector<ChannelPackage> all;
        for (const auto& [key, package] : packages_) all.push_back(package);
        std::sort(all.begin(), all.end(), [](const ChannelPackage& a, const ChannelPackage& b) {
            if (const auto left = std::tie(a.format, a.name, a.architecture),
                right = std::tie(b.format, b.name, b.architecture);
                left != right)
                return left < right;
            return families::compare_versions(a.format, a.file.version, b.file.version) < 0;
        });
        return all;
    }

  private:
    std::map<std::pair<Key, std::string>, ChannelPackage> packages_;
};

/// The newest version of each package of which a newer one was taken back. `packages`: as sorted.
void mark_ways_back(const std::vector<Candidate>& candidates,
                    std::vector<ChannelPackage>& packages) {
    for (const Candidate& candidate : candidates) {
        if (candidate.live()) continue;
        for (const EntryPackage& package : candidate.entry.packages) {
            const auto newest =
                std::find_if(packages.rbegin(), packages.rend(), [&](const ChannelPackage& one) {
                    return key_of(package) == Key{one.format, one.name, one.architecture};
                });
            if (newest != packages.rend() &&
                families::compare_versions(package.format, package.after.version,
                                           newest->file.version) > 0)
                newest->leads_back = true;
        }
    }
}

}  // namespace

std::string_view name(PackageRole role) {
    return role == PackageRole::offer ? "offer" : "way-back";
}

Composition compose(const std::vector<Candidate>& candidates) {
    const std::map<Key, Offer> offers = offers_of(candidates);
    const std::set<std::string> gone = taken_back(candidates);
    Composer composer;
    std::set<std::string> offering;
    for (const auto& [key, offer] : offers) {
        composer.add(*offer.package, offer.package->after, offer.by->entry.id, PackageRole::offer);
        offering.insert(offer.by->entry.id);
    }
    for (const Candidate& candidate : candidates)
        for (const EntryPackage& package : candidate.entry.packages) {
            const auto offer = offers.find(key_of(package));
            // Old versions are kept of the entry that offers the package, and of every one that was
            // taken back: hosts may still have it.
            if (candidate.live() && offer->second.by != &candidate) continue;
            for (const EntryFile& old : package.before) {
                // Hosts take the newest version there is, so nothing may stand above what is
                // offered (an entry may be a step back itself).
                const bool above =
                    offer != offers.end() &&
                    families::compare_versions(package.format, old.version,
                                               offer->second.package->after.version) >= 0;
                if (!above && !gone.contains(old.sha256))
                    composer.add(package, old, candidate.entry.id, PackageRole::way_back);
            }
        }
    Composition composition{composer.sorted(), {}};
    mark_ways_back(candidates, composition.packages);
    for (const Candidate& candidate : candidates)
        if (candidate.live() && !offering.contains(candidate.entry.id))
            composition.superseded_by[candidate.entry.id] =
                offers.at(key_of(candidate.entry.packages.front())).by->entry.id;
    return composition;
}

std::string conflict_with(const std::vector<Candidate>& candidates, const Entry& newer) {
    const std::map<Key, Offer> offers = offers_of(candidates);
    for (const EntryPackage& package : newer.packages) {
        const auto offer = offers.find(key_of(package));
        if (offer == offers.end() || offer->second.by->entry.id == newer.id) continue;
        const EntryFile& there = offer->second.package->after;
        const int order =
            families::compare_versions(package.format, there.version, package.after.version);
        const std::string text = package.name + " " + there.version +
                                 " is offered already, by entry '" + offer->second.by->entry.id +
                                 "'";
        if (order > 0) return text;
        if (order == 0 && there.sha256 != package.after.sha256)
            return text + " and with other bytes";
    }
    return {};
}

using families::RepositoryPackage;

std::vector<families::SignedFile> build_repository(const families::PackageFamily& family,
                                                   const families::RepositoryRequest& request,
                                                   families::Signer& signer,
                                                   process::CommandRunner& runner) {
    const std::string what =
        "making the " + std::string(family.name()) + " repository of channel '" + request.channel;
    return during(what + "'", [&] {
        check_channel_name(request.channel);
        const families::RepositoryWriter& writer = family.repository();
        make_folder(request.out);
        make_folder(request.incoming());
        for (const RepositoryPackage& package : request.packages)
            place_file(package.file, request.incoming() / package.file_name);
        const std::vector<RepositoryPackage> found = writer.write(request, runner);
        families::require_same_packages(request.packages, found);
        for (const RepositoryPackage& package : found)
            if (const std::string problem =
                    file_problem(request.out / package.file_name, package.sha256, package.bytes);
                !problem.empty())
                throw Error(ErrorCode::refused, package.file_name + " " + problem);
        return writer.sign(request, signer);
    });
}

}  // namespace patchlab::catalog
