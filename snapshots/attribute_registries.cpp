// SPDX-License-Identifier: Apache-2.0
//
// explain_by_registry(): a registry of the package system says whose a path is, and what stands
// there fits: a link leads to what a package ships, a file holds what it ships, a folder is of the
// kind that a shipped line asks for. A path that was somebody else's before stays unexplained.
#include <algorithm>
#include <array>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

using Answer = std::optional<Explanation>;

constexpr std::string_view alternatives_folder = "/etc/alternatives";

bool is_symlink(const FileState* state) {
    return state != nullptr && state->type == FileType::symlink;
}

/// /etc/alternatives/NAME leads to what the package ships, or led to what it shipped.
Answer alternative_entry(const Change& change, const PackageIndex& packages) {
    if (!is_below(change.subject, alternatives_folder) || !is_symlink(change.file()))
        return std::nullopt;
    const std::string& target = change.file()->leads_to;
    const Ownership& owner = packages.owner(target);
    if (change.kind == ChangeKind::removed) {
        if (owner.before == nullptr) return std::nullopt;
        return Explanation{owner.before, "an alternative that led to " + target};
    }
    if (owner.now != nullptr)
        return Explanation{owner.now,
                           "an alternative that leads to " + target + " of " + owner.now->name};
    // the package has taken its candidate back, and the next best one answers
    const FileState* earlier = change.file_before();
    if (!is_symlink(earlier)) return std::nullopt;
    const Ownership& former = packages.owner(earlier->leads_to);
    if (former.before == nullptr || former.now != nullptr) return std::nullopt;
    return Explanation{former.before, "an alternative that led to " + earlier->leads_to +
                                          ", which is no longer shipped"};
}

/// The generic link itself, as /usr/bin/pager, and those that follow it (manual pages).
Answer alternative_link(const Change& change, const PackageIndex& packages) {
    const bool gone = change.kind == ChangeKind::removed;
    const FileState* link = change.file();
    if (!is_symlink(link) || !is_below(link->leads_to, alternatives_folder)) return std::nullopt;
    const std::string name(file_name(link->leads_to));
    const Registries& registries = packages.registries();
    const std::string* registered = gone ? registries.before("alternative-link", change.subject)
                                         : registries.after("alternative-link", change.subject);
    if (registered == nullptr || *registered != name) return std::nullopt;
    // what was there and was no such link was somebody's
    if (change.kind == ChangeKind::changed && !is_symlink(change.file_before()) &&
        packages.owner(change.subject).before == nullptr)
        return std::nullopt;
    const std::string* target = gone ? registries.before("alternative-target", name)
                                     : registries.after("alternative-target", name);
    if (target == nullptr) return std::nullopt;
    const Ownership& owner = packages.owner(*target);
    const PatchedPackage* package = gone ? owner.before : owner.now;
    if (package == nullptr) return std::nullopt;
    return Explanation{package, "the link of the alternative " + name + ", which leads to " +
                                    *target + " of " + package->name};
}

/// The package that keeps a configuration file by a program of its own, and whether the file holds
/// what it gave.
struct KeptEntry {
    const PatchedPackage* package = nullptr;
    bool as_given = false;
};

KeptEntry kept_entry(const std::string* entry, const PackageIndex& packages) {
    if (entry == nullptr) return {};
    const std::size_t end = entry->find(' ');
    return {packages.by_name(entry->substr(0, end)), end != std::string::npos};
}

/// " with PROGRAM", where the family has one.
std::string by_keeper(const PackageIndex& packages) {
    const auto& keepers = packages.rules().keepers;
    return keepers.empty() ? "" : " with " + keepers.front();
}

/// A file that the package keeps by such a program. New: its own. Changed: it held what the package
/// had given, and holds what it gives now; what an administrator wrote is not lost.
Answer kept_configuration(const Change& change, const PackageIndex& packages) {
    const std::string& path = change.subject;
    if (!only_data(change)) return std::nullopt;
    const std::string* then = packages.registries().before("configuration", path);
    const KeptEntry earlier = kept_entry(then, packages);
    const KeptEntry now = kept_entry(packages.registries().after("configuration", path), packages);
    // registered by a package that has nothing to do with the patch
    if (then != nullptr && earlier.package == nullptr) return std::nullopt;
    const std::string keeper = by_keeper(packages);
    const auto explained = [&](const PatchedPackage* package) {
        return Explanation{package, "configuration that " + package->name + " keeps" + keeper};
    };
    if (change.kind == ChangeKind::removed)
        return earlier.as_given && now.package == nullptr ? Answer(explained(earlier.package))
                                                          : std::nullopt;
    if (now.package == nullptr) return std::nullopt;
    if (change.kind == ChangeKind::added) return explained(now.package);
    const FileState *before = change.file_before(), *after = change.file_after();
    if (before == nullptr || after == nullptr) return std::nullopt;
    const bool was_untouched =
        earlier.as_given || PackageIndex::gave_before(*now.package, before->sha256);
    const bool is_given = now.as_given || PackageIndex::gives(*now.package, after->sha256);
    return was_untouched && is_given ? Answer(explained(now.package)) : std::nullopt;
}

/// The other copies that the program leaves beside such a file: "x.conf.old".
Answer beside_kept_configuration(const Change& change, const PackageIndex& packages) {
    const std::string_view path = change.subject;
    if (!only_data(change)) return std::nullopt;
    for (const std::string& suffix : packages.rules().leftovers) {
        if (!path.ends_with(suffix)) continue;
        const std::string_view itself = path.substr(0, path.size() - suffix.size());
        const auto entry =
            kept_entry(packages.registries().after("configuration", itself), packages);
        if (entry.package != nullptr)
            return Explanation{entry.package,
                               "a version of a configuration file that " + entry.package->name +
                                   " keeps" + by_keeper(packages),
                               false};
    }
    return std::nullopt;
}

/// Made by a line of tmpfiles.d that the package ships.
Answer declared_path(const Change& change, const PackageIndex& packages) {
    const FileState* after = change.file_after();
    if (change.kind != ChangeKind::added || after == nullptr || !only_data(change))
        return std::nullopt;
    const auto [package, declared] = packages.declared(change.subject);
    if (package == nullptr || declared->type != after->type ||
        (after->type == FileType::symlink && !declared->argument.empty() &&
         declared->argument != after->leads_to))
        return std::nullopt;
    return Explanation{package, "made by a line in tmpfiles.d that " + package->name + " ships",
                       !is_below(change.subject, "/var")};
}

/// A file of the patch's own that a diversion put aside.
Answer put_aside(const Change& change, const PackageIndex& packages) {
    const std::string* from = packages.registries().after("diversion", change.subject);
    if (from == nullptr || change.kind != ChangeKind::added) return std::nullopt;
    const Ownership& owner = packages.owner(*from);
    const FileState* after = change.file_after();
    if (owner.before == nullptr || after == nullptr ||
        std::find(owner.contents.begin(), owner.contents.end(), after->sha256) ==
            owner.contents.end())
        return std::nullopt;
    return Explanation{owner.before,
                       *from + " of " + owner.before->name + ", put aside by a diversion"};
}

/// Whether it is the data of a package of that name: "/var/lib/NAME/…".
bool is_data_of(std::string_view path, std::string_view package) {
    for (const std::string_view place : {"/var/lib", "/var/cache"}) {
        if (!is_below(path, place)) continue;
        std::string_view owner = rest_below(path, place);
        owner = owner.substr(0, owner.find('/'));
        return owner == package || (package.starts_with(owner) && package.size() > owner.size() &&
                                    package[owner.size()] == '-' && owner.size() >= 3);
    }
    return false;
}

/// Data of another package whose trigger waits for files such as the patch ships. Which other
/// files a trigger writes is known only of some packages: the rules tell.
Answer kept_by_trigger(const Change& change, const PackageIndex& packages) {
    if (!only_data(change) || is_wiped_log(change) || is_emptied(change) ||
        (change.kind == ChangeKind::removed && !is_below(change.subject, "/var/cache")))
        return std::nullopt;
    for (const auto& [trigger, entry] : packages.registries().all_before("trigger")) {
        if (!trigger.starts_with('/')) continue;
        const PatchedPackage* shipping = packages.ships_at(trigger);
        if (shipping == nullptr) continue;
        for (const std::string& keeper : said_by_all(entry))
            if (is_data_of(change.subject, keeper))
                return Explanation{shipping,
                                   "kept by " + keeper + ", whose trigger waits for " + trigger +
                                       ", where " + shipping->name + " ships",
                                   false};
    }
    return std::nullopt;
}

}  // namespace

Answer explain_by_registry(const Change& change, const PackageIndex& packages) {
    constexpr std::array explainers = {
        alternative_entry, alternative_link, kept_configuration, beside_kept_configuration,
        declared_path,     put_aside,        kept_by_trigger};
    for (const auto& explainer : explainers)
        if (auto answer = explainer(change, packages)) return answer;
    return std::nullopt;
}

Answer explain_registered(const Change& change, const FileFact& fact,
                          const PackageIndex& packages) {
    constexpr std::string_view candidate = "candidate ";
    const bool gone = change.kind == ChangeKind::removed;
    if (fact.line.starts_with(candidate)) {
        const std::string path = fact.line.substr(candidate.size());
        const Ownership& owner = packages.owner(path);
        const PatchedPackage* package = gone ? owner.before : owner.now;
        if (package == nullptr) return std::nullopt;
        return Explanation{package, path + " is of " + package->name};
    }
    if (fact.line == "mode override") {
        const PatchedPackage* package = packages.whose(fact.path);
        if (package == nullptr) return std::nullopt;
        return Explanation{package, "an override for a path of " + package->name};
    }
    const auto* before = state_as<AlternativeState>(change.before);
    const auto* after = state_as<AlternativeState>(change.after);
    if (fact.line != "alternative" || (before == nullptr && after == nullptr)) return std::nullopt;
    Change link = change;
    link.subject = fact.path;
    link.about = DiskFile{};
    const auto leading = [](const AlternativeState* state) -> std::optional<State> {
        if (state == nullptr) return std::nullopt;
        FileState file{FileType::symlink};
        file.leads_to = state->target;
        return file;
    };
    link.before = leading(before);
    link.after = leading(after);
    return alternative_entry(link, packages);
}

}  // namespace patchlab::snapshots
