// SPDX-License-Identifier: Apache-2.0
//
// explain_file(): who in the patch explains that a file is other than it was. In this order: the
// packages' own file lists, the table of effects, and effects whose path tells which package they
// belong to.
#include <algorithm>
#include <array>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

using Answer = std::optional<Explanation>;

bool is_of_type(const FileState* state, FileType type) {
    return state != nullptr && state->type == type;
}

bool is_folder(const Change& change) { return is_of_type(change.file(), FileType::directory); }

/// The package ships the file, and a file was there that no package of the patch had shipped: an
/// administrator's, an application's, or one of a package that has nothing to do with the patch.
/// The package manager replaces it without a word.
bool takes_a_place(const Change& change, const Ownership& owner) {
    const bool known_before = owner.now->from.empty() || !owner.now->old_files.empty();
    return change.kind == ChangeKind::changed && !is_folder(change) && owner.before == nullptr &&
           !owner.conffile && known_before;
}

/// The new version or the old one ships this content there.
bool is_shipped(std::string_view sha256, const Ownership& owner) {
    return std::find(owner.contents.begin(), owner.contents.end(), sha256) != owner.contents.end();
}

/// What stands there now is not what the archive holds: something wrote over it after it was
/// unpacked.
bool written_over(const Change& change, const Ownership& owner) {
    const FileState* after = change.file_after();
    if (owner.now == nullptr || owner.conffile || !owner.regular || after == nullptr) return false;
    // asked for a fact about the file: its content is not known there
    if (after->type == FileType::file && after->sha256.empty()) return false;
    return !is_shipped(after->sha256, owner);
}

/// Whether a removed file of configuration held something else than its package had shipped.
bool was_written_into(const Change& change, const Ownership& owner) {
    const FileState* before = change.file_before();
    return is_below(change.subject, "/etc") && owner.was_regular && before != nullptr &&
           !before->sha256.empty() && !is_shipped(before->sha256, owner);
}

/// Why the package manager alone would not have left a configuration file like this, or nothing: it
/// keeps what an administrator wrote into one, and a removed one removed, and puts a new version
/// only in the place of the untouched old one. Anything else a script did.
std::string overridden(const Change& change, const PackageIndex& packages) {
    const Ownership& owner = packages.owner(change.subject);
    const std::string& manager = packages.rules().manager;
    const FileState* after = change.file_after();
    if (change.kind == ChangeKind::removed && was_written_into(change, owner))
        return "what an administrator had written into this configuration file has no effect any "
               "more: " +
               owner.package()->name + " ships no such file now";
    if (!owner.conffile || !owner.regular || after == nullptr) return {};
    if (change.kind == ChangeKind::added)
        return owner.before == nullptr
                   ? std::string()
                   : "a configuration file that had been removed is back, which " + manager +
                         " does not do";
    const FileState* earlier = change.file_before();
    const std::string_view before = earlier == nullptr ? std::string_view() : earlier->sha256;
    const std::string_view now = after->sha256;
    if (now.empty() || now == before) return {};
    if (!is_shipped(now, owner))
        return "a configuration file that a script wrote: it holds neither what was there nor what "
               "a version ships";
    if (owner.was_regular && !before.empty() && !is_shipped(before, owner))
        return packages.rules().put_away.empty()
                   ? "what an administrator had written into this configuration file is lost, "
                     "which " +
                         manager + " would have kept"
                   : "what an administrator had written into this configuration file has no effect "
                     "any more: the package's version is in its place; where " +
                         manager + " moved it away, it is in " + change.subject +
                         packages.rules().put_away;
    return {};
}

Answer shipped(const Change& change, const PackageIndex& packages) {
    const Ownership& owner = packages.owner(change.subject);
    if (change.kind == ChangeKind::removed) {
        if (owner.before != nullptr && owner.now == nullptr && overridden(change, packages).empty())
            return Explanation{owner.before, "no longer shipped by " + owner.before->name};
        if (is_folder(change) && owner.now == nullptr) {
            if (const auto* package = packages.owner_of_folder(change.subject))
                return Explanation{package, "a folder of what " + package->name + " shipped"};
        }
        return std::nullopt;
    }
    if (owner.now != nullptr) {
        if (takes_a_place(change, owner) || written_over(change, owner) ||
            !overridden(change, packages).empty())
            return std::nullopt;
        return Explanation{
            owner.now,
            (owner.conffile ? "a configuration file of " : "shipped by ") + owner.now->name};
    }
    if (is_folder(change) && change.kind == ChangeKind::added) {
        if (const auto* package = packages.owner_of_folder(change.subject))
            return Explanation{package, "a folder of what " + package->name + " ships"};
    }
    return std::nullopt;
}

std::string kept_copy(std::string_view ending, const std::string& package,
                      const AttributionRules& rules) {
    const std::string file = "a configuration file of " + package;
    if (ending == rules.put_aside)
        return "the new version of " + file + ": " + rules.manager +
               " left what an administrator wrote in its place";
    if (ending == rules.put_away)
        return "what an administrator wrote into " + file + ", moved away by " + rules.manager;
    return "a version of " + file + ", kept by " + rules.manager;
}

/// What the package manager and its scripts leave beside a configuration file: "x.conf.old".
Answer beside_conffile(const Change& change, const PackageIndex& packages) {
    const std::string_view path = change.subject;
    for (const std::string& suffix : packages.rules().leftovers) {
        if (!path.ends_with(suffix)) continue;
        const auto* package = packages.owner(path.substr(0, path.size() - suffix.size())).package();
        if (package != nullptr)
            return Explanation{package, kept_copy(suffix, package->name, packages.rules()), false};
    }
    return std::nullopt;
}

/// As only_data(), whatever the extended attributes say that the writer of the file sets anew with
/// each new file.
bool only_data_but_stamps(const Change& change, const std::vector<std::string>& stamps) {
    if (stamps.empty()) return only_data(change);
    Change without = change;
    for (std::optional<State>* const state : {&without.before, &without.after})
        if (auto* file = state->has_value() ? std::get_if<FileState>(&**state) : nullptr)
            for (const std::string& stamp : stamps) file->xattrs.erase(stamp);
    return only_data(without);
}

Answer by_rules(const Change& change, const PackageIndex& packages) {
    if (is_wiped_log(change)) return std::nullopt;
    const std::string path = merged_usr(change.subject);
    for (const EffectRule& rule : packages.rules().effects) {
        if ((change.kind == ChangeKind::removed && !rule.removal) || !matches(rule.glob, path))
            continue;
        if (!only_data_but_stamps(change, rule.stamps)) continue;
        if (const auto* package = packages.satisfying(rule.need, rule.detail))
            return Explanation{package, rule.why, rule.lasting};
    }
    return std::nullopt;
}

/// RECORDS/NAME[:arch].list and its kin (maintainer scripts among them).
Answer record_of_package(const Change& change, const PackageIndex& packages) {
    const std::string& place = packages.rules().records;
    if (place.empty() || !is_below(change.subject, place)) return std::nullopt;
    std::string_view record = rest_below(change.subject, place);
    record = record.substr(0, record.rfind('.'));
    const auto* package = packages.by_name(record.substr(0, record.find(':')));
    if (package == nullptr) return std::nullopt;
    return Explanation{package, packages.rules().manager + "'s record of " + package->name, false};
}

/// Links by which a unit of the patch is enabled or known under another name.
Answer unit_link(const Change& change, const PackageIndex& packages) {
    const std::string_view path = change.subject;
    if (!is_below(path, "/etc/systemd")) return std::nullopt;
    const bool in_wants =
        matches("*.wants/*", path) || matches("*.requires/*", path) || matches("*.upholds/*", path);
    if (is_folder(change) &&
        (path.ends_with(".wants") || path.ends_with(".requires") || path.ends_with(".upholds"))) {
        for (const std::string& program : packages.rules().enablers)
            if (const auto* package = packages.script_naming(program))
                return Explanation{package, "a folder for the links of enabled units"};
        return std::nullopt;
    }
    const FileState* link = change.file();
    if (!is_of_type(link, FileType::symlink)) return std::nullopt;
    const std::string& target = link->leads_to;
    const auto* package = packages.owner_of_unit(in_wants ? file_name(path) : file_name(target));
    if (package == nullptr || target == "/dev/null") return std::nullopt;
    return Explanation{package, change.kind == ChangeKind::removed
                                    ? "the link of a unit of " + package->name +
                                          ", taken away by its maintainer script"
                                    : "the link that enables a unit of " + package->name};
}

/// /etc/rc2.d/S01nginx → /etc/init.d/nginx
Answer run_level_link(const Change& change, const PackageIndex& packages) {
    const std::string_view link = file_name(change.subject);
    if (!matches("/etc/rc?.d/[SK][0-9][0-9]*", change.subject) || link.size() < 4)
        return std::nullopt;
    const Ownership& owner = packages.owner("/etc/init.d/" + std::string(link.substr(3)));
    const auto* package = owner.package();
    if (package == nullptr) return std::nullopt;
    return Explanation{package, "set by update-rc.d for " + package->name};
}

/// DIR/__pycache__/MODULE.cpython-311.pyc → DIR/MODULE.py
Answer byte_code(const Change& change, const PackageIndex& packages) {
    const std::string_view path = change.subject;
    if (path.ends_with("/__pycache__") && is_folder(change)) {
        const auto* package = packages.owner_of_folder(folder_of(path));
        return package == nullptr
                   ? Answer()
                   : Explanation{package, "the folder of compiled Python of " + package->name,
                                 false};
    }
    const std::string_view folder = folder_of(path);
    if (!folder.ends_with("/__pycache__") || !path.ends_with(".pyc") || !only_data(change))
        return std::nullopt;
    const std::string_view module = file_name(path).substr(0, file_name(path).find('.'));
    const Ownership& owner =
        packages.owner(std::string(folder_of(folder)) + "/" + std::string(module) + ".py");
    const auto* package = owner.package();
    if (package == nullptr) return std::nullopt;
    return Explanation{package, "compiled from a Python file of " + package->name, false};
}

/// Files that services make and drop while they run, whatever the service.
bool is_passing(std::string_view path) {
    for (const std::string_view glob :
         {"*.pid", "*.lock", "*.tmp", "*.sock", "*.swp", "*/pg_wal/*", "*/pg_stat*/*",
          "*/pg_internal.init", "*/pg_logical/snapshots/*", "*/pg_subtrans/*", "*/pg_notify/*",
          "*/pg_replslot/*", "*/tmp/*", "*/temp/*"}) {
        if (matches(glob, path)) return true;
    }
    return path.starts_with("/var/cache/");
}

/// Data and logs of a service that the patch ships and that was restarted: written, never lost.
Answer service_data(const Change& change, const PackageIndex& packages) {
    for (const std::string_view place : {"/var/lib", "/var/log", "/var/cache", "/var/spool"}) {
        if (!is_below(change.subject, place)) continue;
        std::string_view owner = rest_below(change.subject, place);
        const bool itself = owner.find('/') == std::string_view::npos;
        owner = owner.substr(0, owner.find('/'));
        if (owner.ends_with(".log")) owner.remove_suffix(4);
        const auto* package = packages.by_stem(owner);
        if (package == nullptr || !only_data(change)) return std::nullopt;
        if (is_wiped_log(change) || (is_emptied(change) && !is_passing(change.subject)))
            return std::nullopt;
        if (change.kind == ChangeKind::removed && (itself || !is_passing(change.subject)))
            return std::nullopt;
        return Explanation{package, "state that the programs of " + package->name + " keep", false};
    }
    return std::nullopt;
}

/// New state or configuration whose very path stands in a maintainer script. Existing files of
/// others are not explained that way.
Answer made_by_script(const Change& change, const PackageIndex& packages) {
    const std::string_view path = change.subject;
    if (change.kind != ChangeKind::added || !only_data(change) || change.cls != ChangeClass::file)
        return std::nullopt;
    if (!is_below(path, "/var") && !is_below(path, "/etc")) return std::nullopt;
    const auto* package = packages.script_naming(path);
    if (package == nullptr) return std::nullopt;
    return Explanation{package, "made by the maintainer script of " + package->name};
}

/// New state, logs and configuration in a place that is named after a package of the patch, by
/// whatever path a script put its name together: /var/lib/NAME/x, /etc/NAME/x, /etc/default/NAME.
Answer named_after_package(const Change& change, const PackageIndex& packages) {
    if (change.kind != ChangeKind::added || !only_data(change) || change.cls != ChangeClass::file)
        return std::nullopt;
    // what a package ships or shipped was judged by that
    if (packages.owner(change.subject).package() != nullptr) return std::nullopt;
    for (const std::string_view place :
         {"/var/lib", "/var/log", "/var/cache", "/var/spool", "/etc/default", "/etc"}) {
        if (!is_below(change.subject, place)) continue;
        std::string_view name = rest_below(change.subject, place);
        name = name.substr(0, name.find('/'));
        for (const std::string_view ending : {".log", ".conf"})
            if (name.ends_with(ending)) name.remove_suffix(ending.size());
        for (const PatchedPackage& package : packages.all())
            if (!package.to.empty() && (package.name == name || package.source == name))
                return Explanation{&package, "in a place that is named after " + package.name};
    }
    return std::nullopt;
}

constexpr std::array explainers = {shipped,        explain_by_registry, beside_conffile,
                                   by_rules,       record_of_package,   unit_link,
                                   run_level_link, byte_code,           service_data,
                                   made_by_script, named_after_package};

}  // namespace

bool only_data(const Change& change) {
    const FileState* before = change.file_before();
    const FileState* after = change.file_after();
    if (after != nullptr && is_executable(*after)) return false;
    if (change.kind != ChangeKind::changed) return true;
    if (is_of_type(before, FileType::symlink) && is_of_type(after, FileType::symlink)) return true;
    return before != nullptr && after != nullptr && same_attributes(*before, *after);
}

std::optional<Explanation> explain_file(const Change& change, const PackageIndex& packages) {
    if (packages.first() == nullptr) return std::nullopt;
    for (const auto& explainer : explainers) {
        if (auto answer = explainer(change, packages)) return answer;
    }
    return std::nullopt;
}

std::string why_unexplained(const Change& change, const PackageIndex& packages) {
    if (std::string why = marked_otherwise(change); !why.empty()) return why;
    const Ownership& owner = packages.owner(change.subject);
    if (change.cls == ChangeClass::log && !change.is_of_file())
        return "a log that held more before: what it lost is gone";
    if (change.is_of_file() && is_wiped_log(change))
        return "a log that held more before: it was wiped";
    if (change.is_of_file() && is_emptied(change)) return "it held data before, and is empty now";
    if (change.is_of_file())
        if (std::string why = overridden(change, packages); !why.empty()) return why;
    if (!change.is_of_file() || !written_over(change, owner))
        return "nothing in the packages of the patch explains it";
    return owner.now->name +
           " ships this file, and its archive holds something else: it was written over after it "
           "was unpacked";
}

}  // namespace patchlab::snapshots
