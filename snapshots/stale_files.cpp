// SPDX-License-Identifier: Apache-2.0
//
// files_not_replaced(): an update that is called installed, and whose files are not there.
// Something put the old ones back, or kept the new ones from being written.
#include <algorithm>
#include <set>

#include "snapshots/compare.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

/// What many machines are set up to leave out: there is nothing to replace.
bool may_be_left_out(std::string_view path) {
    for (const std::string_view place :
         {"/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/", "/usr/share/info/",
          "/usr/share/lintian/", "/usr/share/bug/"})
        if (path.starts_with(place)) return true;
    return false;
}

/// Diverted to its usual name, or to one of the kind ("x.distrib", "x.usr-is-merged").
bool is_diverted(const std::set<std::string>& changed, const std::string& path) {
    const auto next = changed.lower_bound(path + ".");
    return next != changed.end() && next->starts_with(path + ".") &&
           next->find('/', path.size()) == std::string::npos;
}

}  // namespace

std::vector<StaleFiles> files_not_replaced(const std::vector<disk::FileChange>& changes,
                                           const std::vector<PatchedPackage>& packages) {
    std::set<std::string> changed;
    for (const disk::FileChange& change : changes) changed.insert(merged_usr(change.path));
    std::vector<StaleFiles> found;
    for (const PatchedPackage& package : packages) {
        StaleFiles stale{package.name, {}};
        for (const auto& [listed, sha256] : package.contents) {
            const auto old = package.old_contents.find(listed);
            if (old == package.old_contents.end() || old->second == sha256) continue;
            const std::string path = merged_usr(listed);
            const bool conffile = std::find(package.conffiles.begin(), package.conffiles.end(),
                                            listed) != package.conffiles.end();
            if (!conffile && !may_be_left_out(path) && !changed.contains(path) &&
                !is_diverted(changed, path))
                stale.paths.push_back(path);
        }
        if (!stale.paths.empty()) found.push_back(std::move(stale));
    }
    return found;
}

}  // namespace patchlab::snapshots
