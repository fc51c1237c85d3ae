// SPDX-License-Identifier: Apache-2.0
//
// Which entries of a channel a snapshot offers: each is verified, and what was decided about it
// later is asked for.
#include <sys/utsname.h>

#include <tuple>

#include "orchestrator/catalog/publisher.hpp"
#include "orchestrator/families/package_family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"

namespace patchlab::catalog {

namespace {

/// This host's, so that a channel without packages has an index as well.
std::string native_architecture(const families::PackageFamily& family) {
    utsname names{};
    ::uname(&names);
    return family.architecture_of_machine(names.machine);
}

/// Gathers the entries of a channel, each verified, and what may not be published.
class ChannelEntries {
  public:
    std::vector<Candidate> candidates;
    std::vector<Refusal> refusals;

    void broken(const std::string& id, bool live, const std::vector<Refusal>& found,
                std::vector<std::string>& notes) {
        if (live)
            for (const Refusal& refusal : found)
                refusals.push_back({"entry '" + id + "': " + refusal.what, refusal.why});
        // Nobody may be kept from taking a broken entry back by its being broken.
        else
            notes.push_back("the old versions of entry '" + id +
                            "' are not offered: " + found.front().text());
    }

    /// What was decided later stops a publish. One that takes something away goes on: it offers
    /// nothing new, and packages that were taken back are left out under every name.
    const Candidate& add(Candidate candidate, const std::vector<Objection>& objections,
                         bool taking_away, std::vector<std::string>& notes) {
        for (const Objection& objection : objections) {
            const std::string what = "entry '" + candidate.entry.id + "'";
            if (!taking_away) {
                refusals.push_back({what, objection.why});
                continue;
            }
            const bool gone = objection.kind == ObjectionKind::same_packages ||
                              objection.kind == ObjectionKind::trail;
            if (gone) candidate.state = EntryState::quarantined;
            notes.push_back(what + (gone ? " is no longer offered: " : " should be withdrawn: ") +
                            objection.why);
        }
        return candidates.emplace_back(std::move(candidate));
    }
};

}  // namespace

Publisher::Content Publisher::content_of(const std::string& channel, bool taking_away,
                                         std::vector<std::string>& notes) {
    const Trust trust = trust_of(state_);
    const AskLater later = later_ ? later_() : AskLater();
    Content content;
    for (const families::PackageFamily* family : families::all_families())
        if (family->repository().always())
            content.architectures[std::string(family->name())].insert(native_architecture(*family));
    ChannelEntries all;
    for (const std::string& id : entries_.in_channel(channel)) {
        const EntryState state = entries_.status(id).state;
        const fs::path folder = entries_.folder(id);
        const std::vector<Refusal> found = verify_entry(folder, trust, id);
        if (!found.empty()) {
            all.broken(id, !is_taken_back(state), found, notes);
            continue;
        }
        Candidate verified{entries_.get(id), state};
        std::vector<Objection> objections;
        const bool live = verified.live();  // before what was decided later changes that
        if (later && live) objections = later(verified.entry);
        const Candidate& added = all.add(std::move(verified), objections, taking_away, notes);
        content.entries.push_back({id, state, sha256_file(folder / "entry.json")});
        for (const EntryPackage& package : added.entry.packages) {
            std::set<std::string>& architectures = content.architectures[package.format];
            if (!families::family(package.format).fits_every_machine(package.architecture))
                architectures.insert(package.architecture);
            if (live) content.files[package.after.sha256] = folder / "new" / package.after.file;
            for (const EntryFile& old : package.before)
                content.files[old.sha256] = folder / "old" / old.file;
        }
    }
    refuse(all.refusals, "channel '" + channel + "' cannot be published");
    content.composition = compose(all.candidates);
    return content;
}

namespace {

/// Packages of `a` that `b` does not offer in the same role.
std::vector<ChannelPackage> only_in(const std::vector<ChannelPackage>& a,
                                    const std::vector<ChannelPackage>& b) {
    using Key = std::tuple<std::string, std::string, std::string, std::string, PackageRole>;
    const auto key = [](const ChannelPackage& package) {
        return Key{package.format, package.name, package.architecture, package.file.version,
                   package.role};
    };
    std::set<Key> known;
    for (const ChannelPackage& package : b) known.insert(key(package));
    std::vector<ChannelPackage> only;
    for (const ChannelPackage& package : a)
        if (!known.contains(key(package))) only.push_back(package);
    return only;
}

}  // namespace

Preview Publisher::preview(const std::string& channel) {
    check_channel_name(channel);
    Preview preview;
    const Content next = content_of(channel, false, preview.notes);
    const std::optional<Snapshot> now = current(channel);
    preview.published = now.has_value();
    const std::vector<ChannelPackage> offered = now ? now->packages : std::vector<ChannelPackage>();
    preview.adds = only_in(next.composition.packages, offered);
    preview.removes = only_in(offered, next.composition.packages);
    preview.keeps = next.composition.packages.size() - preview.adds.size();
    return preview;
}

}  // namespace patchlab::catalog
