// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <set>

#include "orchestrator/families/deb/control.hpp"
#include "orchestrator/families/deb/effect_rules.hpp"
#include "orchestrator/families/deb/family.hpp"
#include "platform/core/error.hpp"

namespace patchlab::families::deb {

namespace {

bool same_slot(const std::string& offered, const std::string& installed,
               const std::string& native) {
    return offered == installed || (offered == "all" && installed == native) ||
           (offered == native && installed == "all");
}

const AvailablePackage* newest_for(const PackageIndex& index, const InstalledPackage& installed,
                                   const std::string& native) {
    const auto it = index.find(installed.name);
    if (it == index.end()) return nullptr;
    const AvailablePackage* best = nullptr;
    for (const AvailablePackage& offered : it->second) {
        if (!offered.automatic || !same_slot(offered.architecture, installed.architecture, native))
            continue;
        if (compare_versions(offered.version, installed.version) <= 0) continue;
        if (!best || compare_versions(offered.version, best->version) > 0) best = &offered;
    }
    return best;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

struct PendingGroup {
    std::string source;
    std::string version;
    std::vector<std::string> wanted;  ///< for apt: name:arch=version
    std::vector<std::string> names;
};

std::map<std::string, PendingGroup> group_pending(
    const PackageIndex& index, const std::vector<InstalledPackage>& installed,
    const std::string& native, const std::string& image,
    const std::function<void(const std::string&)>& notice) {
    std::map<std::string, PendingGroup> groups;
    for (const InstalledPackage& package : installed) {
        const AvailablePackage* best = newest_for(index, package, native);
        if (!best) continue;
        if (package.held) {
            notice(image + ": " + package.name + " " + package.version + " → " + best->version +
                   " is pending, but the package is held");
            continue;
        }
        PendingGroup& group = groups[best->source + " " + best->source_version];
        group.source = best->source;
        group.version = best->source_version;
        group.wanted.push_back(best->name + ":" +
                               (best->architecture == "all" ? native : best->architecture) + "=" +
                               best->version);
        group.names.push_back(best->name);
    }
    return groups;
}

void add_solution(Plan& plan, const Solution& solution,
                  const std::vector<InstalledPackage>& installed, const std::string& native) {
    for (const AvailablePackage& package : solution.packages) {
        PlannedPackage planned;
        planned.to = package;
        planned.prerequisite = package.source != plan.source;
        for (const InstalledPackage& there : installed)
            if (there.name == package.name &&
                same_slot(package.architecture, there.architecture, native)) {
                planned.from = there.version;
                planned.from_source_version = there.source_version;
            }
        const bool known = std::any_of(
            plan.packages.begin(), plan.packages.end(), [&](const PlannedPackage& other) {
                return other.to.sha256 == planned.to.sha256 && other.from == planned.from;
            });
        if (!known) plan.packages.push_back(std::move(planned));
    }
}

}  // namespace

std::vector<InstalledPackage> read_status(const std::string& text, const std::string& where) {
    std::vector<InstalledPackage> packages;
    StanzaReader reader(text, where);
    Stanza stanza;
    while (reader.next(stanza)) {
        const std::string_view status = stanza.get("Status");
        if (status.size() < 10 || status.substr(status.size() - 10) != " installed") continue;
        InstalledPackage package;
        package.name = stanza.get("Package");
        package.version = stanza.get("Version");
        package.architecture = stanza.get("Architecture");
        package.held = status.substr(0, 5) == "hold ";
        if (!valid_package_name(package.name) || !valid_version(package.version) ||
            !valid_architecture(package.architecture))
            throw Error(ErrorCode::invalid, where + ": '" + package.name.substr(0, 80) +
                                                "' has no valid name, version or architecture");
        package.source_version = source_of(stanza).version;
        packages.push_back(std::move(package));
    }
    if (packages.empty()) throw Error(ErrorCode::invalid, where + ": no installed package in it");
    return packages;
}

std::string status_of(const std::string& image) { return "dpkg status of image " + image; }

std::string native_architecture(const std::vector<InstalledPackage>& installed,
                                const std::string& where) {
    for (const InstalledPackage& package : installed)
        if (package.name == "dpkg") return package.architecture;
    throw Error(ErrorCode::invalid, where + ": dpkg itself is not installed there");
}

void plan_image(AptRoot& apt, const std::string& image, const std::string& dpkg_status,
                const std::vector<std::string>& only, std::vector<std::string>& met,
                std::map<std::string, Plan>& plans,
                const std::function<void(const std::string&)>& notice) {
    const std::string where = status_of(image);
    const std::vector<InstalledPackage> installed = read_status(dpkg_status, where);
    const std::string native = native_architecture(installed, where);
    std::set<std::string> foreign;
    for (const InstalledPackage& package : installed)
        if (package.architecture != native && package.architecture != "all")
            foreign.insert(package.architecture);
    for (const std::string& architecture : foreign)
        notice(image + ": packages of architecture " + architecture + " are not looked at");
    for (auto& [id, group] : group_pending(apt.index(), installed, native, image, notice)) {
        if (!only.empty()) {
            bool wanted = false;
            for (const std::string& name : only)
                if (name == group.source || contains(group.names, name)) {
                    met.push_back(name);
                    wanted = true;
                }
            if (!wanted) continue;
        }
        const Solution solution = apt.solve(dpkg_status, group.wanted);
        if (!solution.possible) {
            notice(image + ": " + group.source + " " + group.version +
                   " is pending, but cannot be installed: " + solution.why_not);
            continue;
        }
        Plan& plan = plans[id];
        plan.source = group.source;
        plan.version = group.version;
        add_solution(plan, solution, installed, native);
    }
}

}  // namespace patchlab::families::deb
