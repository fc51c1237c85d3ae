// SPDX-License-Identifier: Apache-2.0
#include "snapshots/package_index.hpp"

#include <algorithm>

#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

bool is_unit_place(std::string_view path) {
    return path.starts_with("/usr/lib/systemd/system/") ||
           path.starts_with("/etc/systemd/system/") || path.starts_with("/usr/lib/systemd/user/");
}

bool is_program_place(std::string_view path) {
    for (const std::string_view place : {"/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/libexec/",
                                         "/usr/local/", "/opt/", "/usr/games/"}) {
        if (path.starts_with(place)) return true;
    }
    return false;
}

bool part_of_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

}  // namespace

std::string packaged_path(std::string_view listed) {
    std::string_view path = listed;
    if (path.starts_with("./")) path.remove_prefix(1);
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return merged_usr(path.starts_with('/') ? std::string(path) : "/" + std::string(path));
}

std::string_view version_stem(std::string_view name) {
    std::string_view cut = name;
    while (!cut.empty() && ((cut.back() >= '0' && cut.back() <= '9') || cut.back() == '.'))
        cut.remove_suffix(1);
    if (cut.ends_with('-')) cut.remove_suffix(1);
    return cut.empty() ? name : cut;
}

bool names_word(std::string_view text, std::string_view word) {
    if (word.empty()) return false;
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool starts = at == 0 || !part_of_name(text[at - 1]);
        const bool ends = end == text.size() || !part_of_name(text[end]);
        if (starts && ends) return true;
    }
    return false;
}

PackageIndex::PackageIndex(const std::vector<PatchedPackage>& packages,
                           const AttributionRules& rules, const Registries& registries)
    : packages_(packages), rules_(rules), registries_(registries) {
    for (const PatchedPackage& package : packages_) {
        const Declarations declared = Declarations::of(package.texts);
        for (const auto& [path, line] : declared.paths)
            declared_.emplace(path, std::pair(&package, line));
        for (const auto& names : {declared.users, declared.groups})
            for (const std::string& name : names) accounts_.emplace(name, &package);
        for (const auto& path : package.old_files) add(package, path, false);
        for (const auto& path : package.files) add(package, path, true);
        for (const auto& [path, sha256] : package.old_contents) {
            Ownership& owner = paths_[packaged_path(path)];
            owner.was_regular = true;
            owner.contents.push_back(sha256);
        }
        for (const auto& [path, sha256] : package.contents) {
            Ownership& owner = paths_[packaged_path(path)];
            owner.regular = true;
            owner.contents.push_back(sha256);
        }
        for (const auto& path : package.conffiles) {
            add(package, path, true);
            paths_[packaged_path(path)].conffile = true;
        }
        const bool serves = std::any_of(
            package.files.begin(), package.files.end(),
            [](const std::string& path) { return is_program_place(packaged_path(path)); });
        if (!serves) continue;
        for (const std::string_view name :
             {std::string_view(package.name), std::string_view(package.source)}) {
            stems_.emplace(name, &package);
            stems_.emplace(version_stem(name), &package);
        }
    }
}

void PackageIndex::add(const PatchedPackage& package, const std::string& listed, bool is_new) {
    const std::string path = packaged_path(listed);
    Ownership& owner = paths_[path];
    (is_new ? owner.now : owner.before) = &package;
    for (std::string_view folder = folder_of(path); folder != "/"; folder = folder_of(folder)) {
        if (!folders_.emplace(folder, &package).second) break;
    }
    if (is_unit_place(path)) units_.emplace(file_name(path), &package);
    if (path.starts_with("/etc/init.d/"))
        units_.emplace(std::string(file_name(path)) + ".service", &package);
    if (is_program_place(path)) programs_.emplace(file_name(path), &package);
}

const Ownership& PackageIndex::owner(std::string_view path) const {
    static const Ownership nobody;
    const auto found = paths_.find(merged_usr(path));
    return found == paths_.end() ? nobody : found->second;
}

bool PackageIndex::had_files_below(const PatchedPackage& package, std::string_view folder) {
    const std::string beginning = std::string(folder) + "/";
    return std::any_of(
        package.old_files.begin(), package.old_files.end(),
        [&](const std::string& path) { return packaged_path(path).starts_with(beginning); });
}

const PatchedPackage* PackageIndex::owner_of_folder(std::string_view folder) const {
    const auto found = folders_.find(merged_usr(folder));
    return found == folders_.end() ? nullptr : found->second;
}

const PatchedPackage* PackageIndex::ships_at(std::string_view path) const {
    const Ownership& itself = owner(path);
    return itself.package() != nullptr ? itself.package() : owner_of_folder(path);
}

const PatchedPackage* PackageIndex::whose(std::string_view path) const {
    if (const auto* package = owner(path).now) return package;
    if (const auto* package = declared(path).first) return package;
    for (const std::string_view place :
         {"/var/lib", "/var/log", "/var/cache", "/var/spool", "/etc", "/run", "/opt"}) {
        if (!is_below(path, place)) continue;
        const std::string_view rest = rest_below(path, place);
        return by_stem(rest.substr(0, rest.find('/')));
    }
    return nullptr;
}

std::pair<const PatchedPackage*, const DeclaredPath*> PackageIndex::declared(
    std::string_view path) const {
    const auto found = declared_.find(merged_usr(path));
    if (found == declared_.end()) return {nullptr, nullptr};
    return {found->second.first, &found->second.second};
}

const PatchedPackage* PackageIndex::declaring_account(std::string_view account) const {
    const auto found = accounts_.find(account);
    return found == accounts_.end() ? nullptr : found->second;
}

bool PackageIndex::gives(const PatchedPackage& package, std::string_view sha256) {
    return std::any_of(package.contents.begin(), package.contents.end(),
                       [&](const auto& content) { return content.second == sha256; });
}

bool PackageIndex::gave_before(const PatchedPackage& package, std::string_view sha256) {
    return std::any_of(package.old_contents.begin(), package.old_contents.end(),
                       [&](const auto& content) { return content.second == sha256; });
}

const PatchedPackage* PackageIndex::owner_of_unit(std::string_view unit) const {
    if (const auto found = units_.find(std::string(unit)); found != units_.end())
        return found->second;
    const std::size_t at = unit.find('@');
    const std::size_t dot = unit.rfind('.');
    if (at == std::string_view::npos || dot == std::string_view::npos || dot < at) return nullptr;
    const auto found =
        units_.find(std::string(unit.substr(0, at + 1)) + std::string(unit.substr(dot)));
    return found == units_.end() ? nullptr : found->second;
}

const PatchedPackage* PackageIndex::owner_of_program(std::string_view file_name) const {
    const auto found = programs_.find(std::string(file_name));
    return found == programs_.end() ? nullptr : found->second;
}

const PatchedPackage* PackageIndex::satisfying(Need need, std::string_view detail) const {
    switch (need) {
        case Need::nothing: return first();
        case Need::script: return script_naming(detail);
        case Need::ships:
            for (const auto& [path, owner] : paths_) {
                if (matches(detail, path)) return owner.package();
            }
            return nullptr;
        case Need::trigger:
            for (const PatchedPackage& package : packages_) {
                const bool listed =
                    std::any_of(package.triggers.begin(), package.triggers.end(),
                                [&](const std::string& line) { return names_word(line, detail); });
                if (listed || names_word(package.maintainer_scripts, detail)) return &package;
            }
            // another package waits for files in a place where this one ships some
            return detail.starts_with('/') && registries_.before("trigger", detail) != nullptr
                       ? ships_at(detail)
                       : nullptr;
    }
    return nullptr;
}

const PatchedPackage* PackageIndex::script_naming(std::string_view word) const {
    for (const PatchedPackage& package : packages_) {
        if (names_word(package.maintainer_scripts, word)) return &package;
    }
    return nullptr;
}

const PatchedPackage* PackageIndex::by_name(std::string_view name) const {
    for (const PatchedPackage& package : packages_) {
        if (package.name == name) return &package;
    }
    return nullptr;
}

const PatchedPackage* PackageIndex::by_stem(std::string_view name) const {
    const auto found = stems_.find(name);
    return found == stems_.end() ? nullptr : found->second;
}

}  // namespace patchlab::snapshots
