// SPDX-License-Identifier: Apache-2.0
#include "snapshots/belongings.hpp"

#include <algorithm>
#include <array>

#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

/// Folders in which each package has a folder or file of its name. Longer ones first.
constexpr std::array<std::string_view, 24> shared_places{"/usr/lib/systemd/system",
                                                         "/etc/default",
                                                         "/etc/init.d",
                                                         "/etc/opt",
                                                         "/var/lib/private",
                                                         "/var/log/private",
                                                         "/run/lock",
                                                         "/var/lock",
                                                         "/var/run",
                                                         "/var/lib",
                                                         "/var/log",
                                                         "/var/cache",
                                                         "/var/spool",
                                                         "/var/opt",
                                                         "/var/tmp",
                                                         "/usr/libexec",
                                                         "/usr/share",
                                                         "/usr/lib",
                                                         "/dev/shm",
                                                         "/opt",
                                                         "/etc",
                                                         "/run",
                                                         "/tmp",
                                                         "/srv"};

/// Words that packages of many sources begin with.
constexpr std::array<std::string_view, 21> common_words{
    "lib",    "python", "python3", "perl",    "php",     "ruby",   "node",
    "golang", "linux",  "system",  "systemd", "common",  "server", "client",
    "agent",  "tools",  "ubuntu",  "net",     "network", "daemon", "service"};

bool is_common(std::string_view word) {
    return word.size() < 3 ||
           std::find(common_words.begin(), common_words.end(), word) != common_words.end();
}

/// "nginx.service", "postgresql@.service" → "nginx", "postgresql"
std::string_view stem_of_unit(std::string_view unit) {
    return unit.substr(0, unit.find_first_of("@."));
}

bool is_program_of_root(std::string_view path) {
    const std::string_view folder = folder_of(path);
    return folder == "/usr/bin" || folder == "/usr/sbin" || folder == "/usr/libexec";
}

/// "acme-agent" of "acme", or the other way round.
bool is_like(std::string_view one, std::string_view other) {
    const std::string_view longer = one.size() > other.size() ? one : other;
    const std::string_view shorter = one.size() > other.size() ? other : one;
    if (is_common(shorter) || !longer.starts_with(shorter)) return false;
    const std::string_view rest = longer.substr(shorter.size());
    return rest.empty() || std::string_view("-_.@0123456789").find(rest[0]) != rest.npos ||
           rest == "d";
}

/// The part of a path by which it is somebody's: "acme" of /var/lib/acme/x; empty when it is none
/// of the places where such names stand.
std::string_view name_in(std::string_view path) {
    for (const std::string_view place : shared_places) {
        if (!is_below(path, place)) continue;
        std::string_view name = rest_below(path, place);
        name = name.substr(0, name.find('/'));
        // of a pattern, what is the same in all names
        name = name.substr(0, name.find_first_of("*?[{"));
        for (const std::string_view end :
             {".log", ".conf", ".pid", ".sock", ".socket", ".lock", ".cfg", "-", "_", "."})
            if (name.ends_with(end)) name.remove_suffix(end.size());
        return name;
    }
    return {};
}

}  // namespace

Belongings::Belongings(const PackageIndex& index, const Capture* before) : index_(&index) {
    for (const PatchedPackage& package : index.all()) {
        names_.insert(package.name);
        if (!package.source.empty()) names_.insert(package.source);
        names_.emplace(version_stem(package.name));
        if (!package.source.empty()) names_.emplace(version_stem(package.source));
        for (const auto* files : {&package.files, &package.old_files})
            for (const std::string& listed : *files) {
                const std::string path = packaged_path(listed);
                if (is_program_of_root(path)) names_.emplace(file_name(path));
                if (!is_below(path, "/usr/lib/systemd/system") &&
                    !is_below(path, "/usr/lib/systemd/user"))
                    continue;
                units_.emplace(file_name(path));
                if (path.ends_with(".service")) names_.emplace(stem_of_unit(file_name(path)));
            }
    }
    if (before == nullptr) return;
    if (const auto found = before->facts.find(ChangeClass::package); found != before->facts.end())
        for (const auto& [known, state] : found->second) {
            const std::string name = known.substr(0, known.find(':'));
            if (index.by_name(name) == nullptr) others_.insert(name);
        }
    if (const auto found = before->facts.find(ChangeClass::unit); found != before->facts.end())
        for (const auto& [unit, state] : found->second)
            if (!unit.starts_with('/') && unit.find(' ') == std::string::npos &&
                index.owner_of_unit(unit) == nullptr)
                others_.emplace(stem_of_unit(unit));
}

bool Belongings::has_name(std::string_view name) const { return names_.contains(name); }

bool Belongings::is_named_like_own(std::string_view name) const {
    if (has_name(name)) return true;
    if (others_.contains(name)) return false;
    return std::any_of(names_.begin(), names_.end(),
                       [&](const std::string& own) { return is_like(own, name); });
}

bool Belongings::has_path(std::string_view path) const {
    if (index_ == nullptr) return false;
    const Ownership& owner = index_->owner(path);
    if (owner.regular || owner.was_regular) return true;
    const std::string merged = merged_usr(path);
    const std::string_view name = name_in(merged);
    return !name.empty() && has_name(name);
}

bool Belongings::is_placed_like_own(std::string_view path) const {
    const std::string merged = merged_usr(path);
    const std::string_view name = name_in(merged);
    return has_path(path) || (!name.empty() && is_named_like_own(name));
}

bool Belongings::has_unit(std::string_view unit) const {
    if (units_.contains(unit)) return true;
    const std::size_t at = unit.find('@');
    const std::size_t dot = unit.rfind('.');
    if (at == std::string_view::npos || dot == std::string_view::npos || dot < at) return false;
    return units_.contains(std::string(unit.substr(0, at + 1)) + std::string(unit.substr(dot)));
}

}  // namespace patchlab::snapshots
