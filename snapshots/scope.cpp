// SPDX-License-Identifier: Apache-2.0
//
// reaches_beyond(): files that matter to others than the package that brought them, whoever
// explains them.
#include <algorithm>
#include <iterator>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

/// Folders of /etc where every package puts something about itself, and which nobody reads for
/// another's sake.
constexpr std::string_view common_ground[] = {"/etc/default",
                                              "/etc/init.d",
                                              "/etc/logrotate.d",
                                              "/etc/apparmor.d",
                                              "/etc/bash_completion.d",
                                              "/etc/alternatives",
                                              "/etc/X11",
                                              "/etc/fonts",
                                              "/etc/xdg",
                                              "/etc/emacs",
                                              "/etc/opt",
                                              "/etc/systemd",
                                              "/etc/ufw",
                                              "/etc/insserv.conf.d",
                                              "/etc/sgml",
                                              "/etc/xml",
                                              "/etc/terminfo",
                                              "/etc/vim",
                                              "/etc/menu",
                                              "/etc/depmod.d",
                                              "/etc/ssl"};

/// The administrator's: a package has no business there. What stands there comes before what
/// packages ship, is run by who logs in, or is published to the world.
constexpr std::string_view administrators_places[] = {"/usr/local", "/root", "/home", "/srv",
                                                      "/var/www"};

/// /etc/ssh for /etc/ssh/sshd_config.d/x; empty for what lies in /etc itself.
std::string_view top_folder(std::string_view path) {
    const std::size_t end = path.find('/', std::string_view("/etc/").size());
    return end == std::string_view::npos ? std::string_view() : path.substr(0, end);
}

bool is_at_home(const PatchedPackage* package, std::string_view folder) {
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
           !is_at_home(packages.by_name(change.attribution.package()), folder);
}

/// Shipped into a place of the administrator's, by a package that had nothing there.
bool is_in_administrators_place(const Change& change, const PackageIndex& packages) {
    if (change.attribution.is_unexplained()) return false;
    const auto is_above = [&](std::string_view place) { return is_below(change.subject, place); };
    const auto* const place =
        std::find_if(std::begin(administrators_places), std::end(administrators_places), is_above);
    return place != std::end(administrators_places) &&
           !is_at_home(packages.by_name(change.attribution.package()), *place);
}

/// A new file by which a stranger configures a program of another package, or has it run something.
/// `path`: in its form under /usr.
bool configures_another(const Change& change, std::string_view path, const PackageIndex& packages,
                        const FactContext& context) {
    const FileState* after = change.file_after();
    if (change.kind != ChangeKind::added || after == nullptr || after->type == FileType::directory)
        return false;
    if (matches("*/systemd/system/*.d/*", path)) {
        const std::string_view folder =
            path.substr(0, path.rfind(".d/"));  // …/system/nginx.service
        return packages.owner_of_unit(folder.substr(folder.rfind('/') + 1)) == nullptr;
    }
    for (const DropInRule& rule : packages.rules().drop_ins)
        if (matches(rule.glob, path)) return !is_at_home(packages.owner(path).now, rule.home);
    return is_in_administrators_place(change, packages) ||
           is_in_anothers_folder(change, packages, context);
}

/// The owner of a program may replace it, and who starts it may be root.
bool is_anothers_program(const FileState* state, std::string_view path) {
    if (state == nullptr || state->type != FileType::file || state->uid == 0) return false;
    if (path.starts_with("/usr/lib")) return is_executable(*state) || matches("*.so*", path);
    const auto programs = {"/usr/bin/*", "/usr/sbin/*",   "/usr/local/*",
                           "/boot/*",    "/etc/init.d/*", "/etc/profile.d/*"};
    return std::any_of(programs.begin(), programs.end(),
                       [&](const char* place) { return matches(place, path); });
}

bool is_passing_place(std::string_view path) {
    return is_below(path, "/tmp") || is_below(path, "/var/tmp");
}

}  // namespace

bool reaches_beyond(const Change& change, const PackageIndex& packages,
                    const FactContext& context) {
    const FileState* before = change.file_before();
    const FileState* after = change.file_after();
    if (!change.is_of_file() || after == nullptr) return false;
    const auto newly = [&](bool (*is)(const FileState&)) {
        return is(*after) && (before == nullptr || !is(*before));
    };
    if (newly(is_world_writable) && !is_passing_place(change.subject)) return true;
    if (newly(is_locked)) return true;
    if (is_device(*after) && change.before != change.after) return true;
    const std::string path = merged_usr(change.subject);
    if (is_anothers_program(after, path) && !is_anothers_program(before, path)) return true;
    return configures_another(change, path, packages, context);
}

}  // namespace patchlab::snapshots
