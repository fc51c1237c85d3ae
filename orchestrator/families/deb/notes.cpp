// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <set>

#include "orchestrator/families/archive.hpp"
#include "orchestrator/families/deb/changelog.hpp"
#include "orchestrator/families/deb/effect_rules.hpp"
#include "orchestrator/families/service_units.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::families::deb {

namespace {

constexpr std::string_view doc_folder = "/usr/share/doc/";
constexpr std::size_t most_changelog = 32U << 20;

// changelog.Debian.gz; changelog.gz of a native package; changelog.Debian.amd64.gz holds only a
// rebuild's entry.
bool is_changelog(std::string_view path) {
    if (path.substr(0, doc_folder.size()) != doc_folder) return false;
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return name == "changelog.Debian.gz" || name == "changelog.gz" || name == "changelog.Debian" ||
           name == "changelog.debian.gz";
}

std::vector<ChangelogEntry> entries_of(const std::string& path, const std::string& bytes) {
    try {
        const bool packed = path.size() > 3 && path.compare(path.size() - 3, 3, ".gz") == 0;
        return parse_changelog(packed ? expand(bytes, path, most_changelog) : bytes);
    } catch (const Error& error) {
        log_debug(std::string("changelog not readable: ") +
                  error.what());  // then the advisories stay unknown; the patch itself is fine
        return {};
    }
}

}  // namespace

bool tells_about_update(std::string_view path) { return is_changelog(path) || is_unit_file(path); }

VendorNotes notes_of(const std::vector<PackageContents>& packages, const std::string& source,
                     const std::string& from, const std::string& to) {
    VendorNotes notes;
    std::set<std::string> restarts;
    ChangelogSummary best;
    for (const PackageContents& package : packages) {
        for (const std::string& unit : service_units(package)) restarts.insert(unit);
        if (notes.reboot_why.empty())
            notes.reboot_why = reboot_reason(package.facts.name, package.facts.maintainer_scripts);
        if (package.facts.source != source) continue;
        for (const auto& [path, bytes] : package.texts) {
            if (!is_changelog(path)) continue;
            ChangelogSummary found = summarise(entries_of(path, bytes), from, to);
            if (found.text.size() > best.text.size()) best = std::move(found);
        }
    }
    notes.restarts.assign(restarts.begin(), restarts.end());
    notes.advisories = std::move(best.advisories);
    notes.urgency = std::move(best.urgency);
    notes.changelog = std::move(best.text);
    return notes;
}

}  // namespace patchlab::families::deb
