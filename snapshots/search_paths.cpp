// SPDX-License-Identifier: Apache-2.0
//
// concern_of(): what a file does as an entry of a search path: who reads it, and whom it touches.
#include <fnmatch.h>

#include <algorithm>
#include <iterator>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/entries.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

/// Folders of /etc where every package puts something about itself, and which nobody reads for
/// another's sake. What lies in one of them and is read by others is a search path of its own.
constexpr std::string_view common_ground[] = {
    "/etc/init.d", "/etc/alternatives", "/etc/X11",           "/etc/fonts", "/etc/xdg",
    "/etc/emacs",  "/etc/opt",          "/etc/systemd",       "/etc/ufw",   "/etc/insserv.conf.d",
    "/etc/sgml",   "/etc/xml",          "/etc/terminfo",      "/etc/vim",   "/etc/menu",
    "/etc/ssl",    "/etc/tmpfiles.d",   "/etc/modules-load.d"};

/// The administrator's: a package has no business there. What stands there comes before what
/// packages ship, is run by who logs in, or is published to the world.
constexpr std::string_view administrators_places[] = {"/usr/local", "/root", "/home", "/srv",
                                                      "/var/www"};

bool matches_part(const std::string& glob, std::string_view path) {
    return fnmatch(glob.c_str(), std::string(path).c_str(), FNM_PATHNAME) == 0;
}

/// Whether `folder`, or one of so many above it, is one of the path's.
bool is_folder_of(const SearchPath& family, std::string_view folder) {
    for (int depth = 0; depth <= family.depth && folder != "/"; ++depth) {
        if (std::any_of(family.folders.begin(), family.folders.end(),
                        [&](const std::string& glob) { return matches_part(glob, folder); }))
            return true;
        folder = folder_of(folder);
    }
    return false;
}

bool is_entry_of(const SearchPath& family, std::string_view path) {
    return is_folder_of(family, folder_of(path)) && matches_part(family.names, file_name(path));
}

/// "nginx.service" of /usr/lib/systemd/system/nginx.service.d/x.conf; empty: no drop-in.
std::string_view amended_entry(const SearchPath& family, std::string_view path) {
    std::string_view folder = folder_of(path);
    if (!family.has_drop_ins || !folder.ends_with(".d") || !is_folder_of(family, folder_of(folder)))
        return {};
    folder.remove_suffix(2);
    return file_name(folder);
}

/// Had an entry there before, or files in a folder that makes it at home.
bool is_at_home(const PatchedPackage* package, const SearchPath& family) {
    if (package == nullptr) return false;
    const auto had_files = [&](const std::string& folder) {
        return PackageIndex::had_files_below(*package, folder);
    };
    const auto is_entry = [&](const std::string& listed) {
        return is_entry_of(family, packaged_path(listed));
    };
    return std::any_of(family.home.begin(), family.home.end(), had_files) ||
           (family.shown != Shown::foreign &&
            std::any_of(package->old_files.begin(), package->old_files.end(), is_entry));
}

/// /etc/ssh for /etc/ssh/sshd_config.d/x; empty for what lies in /etc itself.
std::string_view top_folder(std::string_view path) {
    const std::size_t end = path.find('/', std::string_view("/etc/").size());
    return end == std::string_view::npos ? std::string_view() : path.substr(0, end);
}

bool had_files_in(const PatchedPackage* package, std::string_view folder) {
    return package != nullptr && !folder.empty() && PackageIndex::had_files_below(*package, folder);
}

/// A new file in a folder of configuration that was there before the patch, and where its package
/// had nothing: whoever reads that folder is configured by a stranger. Of what is explained: the
/// rest is a reason already.
bool is_in_anothers_folder(const Change& change, const PackageIndex& packages,
                           const FactContext& context) {
    if (change.cls != ChangeClass::file || !is_below(change.subject, "/etc") ||
        change.attribution.is_unexplained())
        return false;
    const std::string_view folder = top_folder(change.subject);
    if (folder.empty() || context.new_folders.contains(std::string(folder))) return false;
    if (std::find(std::begin(common_ground), std::end(common_ground), folder) !=
        std::end(common_ground))
        return false;
    return packages.by_stem(file_name(folder)) == nullptr &&
           !had_files_in(packages.by_name(change.attribution.package()), folder);
}

/// Shipped into a place of the administrator's, by a package that had nothing there.
bool is_in_administrators_place(const Change& change, const PackageIndex& packages) {
    if (change.attribution.is_unexplained()) return false;
    const auto is_above = [&](std::string_view place) { return is_below(change.subject, place); };
    const auto* const place =
        std::find_if(std::begin(administrators_places), std::end(administrators_places), is_above);
    return place != std::end(administrators_places) &&
           !had_files_in(packages.by_name(change.attribution.package()), *place);
}

/// The text that the package ships there, when that is what stands there now.
const std::string* text_of(const Change& change, const Ownership& owner) {
    const FileState* after = change.file_after();
    if (owner.now == nullptr || after == nullptr || after->type != FileType::file) return nullptr;
    if (std::find(owner.contents.begin(), owner.contents.end(), after->sha256) ==
        owner.contents.end())
        return nullptr;
    const auto text = std::find_if(
        owner.now->texts.begin(), owner.now->texts.end(),
        [&](const auto& one) { return packaged_path(one.first) == merged_usr(change.subject); });
    return text == owner.now->texts.end() ? nullptr : &text->second;
}

std::string old_texts(const SearchPath& family, const PackageIndex& packages) {
    std::string all;
    for (const PatchedPackage& package : packages.all())
        for (const auto& [path, text] : package.old_texts)
            if (is_entry_of(family, packaged_path(path))) all += text + "\n";
    return all;
}

std::string joined(const std::vector<std::string>& concerns) {
    constexpr std::size_t most_shown = 5;
    std::string text;
    for (std::size_t i = 0; i < concerns.size() && i < most_shown; ++i)
        text += (i == 0 ? "" : "; ") + concerns[i];
    if (concerns.size() > most_shown)
        text += "; and " + std::to_string(concerns.size() - most_shown) + " more";
    return text;
}

std::string read_by(const SearchPath& family) {
    return "read by " + family.reader + " (" + family.family + ")";
}

/// What an entry of the family that is new or has another content does.
std::string concern_of_entry(const SearchPath& family, const Change& change, std::string_view path,
                             const PackageIndex& packages, const FactContext& context) {
    const Ownership& owner = packages.owner(path);
    const bool is_new = change.kind == ChangeKind::added;
    if (family.language != EntryLanguage::none) {
        if (const std::string* text = text_of(change, owner))
            return joined(concerns_of(family.language, {path, *text, old_texts(family, packages)},
                                      context.belongings));
        // what nobody shipped is unexplained already
        return is_new && !is_at_home(owner.now, family) ? read_by(family) : std::string();
    }
    switch (family.shown) {
        case Shown::never: return {};
        case Shown::changed: {
            const FileState* before = change.file_before();
            const FileState* after = change.file_after();
            const bool same = before != nullptr && before->sha256 == after->sha256;
            return same ? std::string() : read_by(family);
        }
        case Shown::foreign: {
            std::string_view name = file_name(path);
            if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0) {
                if (context.belongings.is_named_like_own(name.substr(dot + 1))) return {};
                name = name.substr(0, name.find('.'));
            }
            if (context.belongings.is_named_like_own(name)) return {};
            break;
        }
        case Shown::fresh: break;
    }
    return is_new && !is_at_home(owner.now, family) ? read_by(family) : std::string();
}

}  // namespace

bool is_judged_by_text(const AttributionRules& rules, std::string_view path) {
    const std::string merged = merged_usr(path);
    return std::any_of(
        rules.search_paths.begin(), rules.search_paths.end(), [&](const SearchPath& family) {
            return family.language != EntryLanguage::none && is_entry_of(family, merged);
        });
}

bool is_read_by_place(const std::vector<SearchPath>& families, std::string_view path) {
    const std::string merged = merged_usr(path);
    return std::any_of(families.begin(), families.end(), [&](const SearchPath& family) {
        return is_entry_of(family, merged) || !amended_entry(family, merged).empty();
    });
}

std::string search_paths_for_script(const std::vector<SearchPath>& families) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string lines;
    for (const SearchPath& family : families) {
        if (!family.first_wins) continue;
        lines += family.family + "\t" + family.names + "\t" + std::to_string(family.depth) + "\t" +
                 (family.has_drop_ins ? "1" : "0");
        for (const std::string& folder : family.folders) lines += "\t" + folder;
        lines += "\n";
    }
    std::string text;
    for (const char c : lines) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

std::string concern_of(const Change& change, const PackageIndex& packages,
                       const FactContext& context) {
    const FileState* after = change.file_after();
    const bool moved = change.kind == ChangeKind::added || change.kind == ChangeKind::changed;
    if (!change.is_of_file() || !moved || after == nullptr || after->type == FileType::directory)
        return {};
    const std::string path = merged_usr(change.subject);
    const bool is_new = change.kind == ChangeKind::added;
    if (is_new && is_in_administrators_place(change, packages))
        return "in a place of the administrator's";
    for (const SearchPath& family : packages.rules().search_paths) {
        if (const std::string_view entry = amended_entry(family, path); !entry.empty())
            return !is_new || context.belongings.has_unit(entry)
                       ? std::string()
                       : "amends " + std::string(entry) + ", which the patch does not ship";
        if (is_entry_of(family, path))
            return concern_of_entry(family, change, path, packages, context);
    }
    return is_new && is_in_anothers_folder(change, packages, context)
               ? "in a folder of another package's configuration"
               : std::string();
}

}  // namespace patchlab::snapshots
