// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/patch_contents.hpp"

#include <algorithm>

#include "orchestrator/intake/changelog.hpp"
#include "orchestrator/intake/effect_rules.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::intake {

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
        return parse_changelog(packed ? gunzip(bytes, path, most_changelog) : bytes);
    } catch (const Error& error) {
        log_debug(std::string("changelog not readable: ") +
                  error.what());  // then the advisories stay unknown; the patch itself is fine
        return {};
    }
}

}  // namespace

bool tells_about_patch(std::string_view path) { return is_changelog(path) || is_unit_file(path); }

void describe_from(Patch& patch, const std::vector<DebContents>& packages,
                   const std::string& from_source_version) {
    ChangelogSummary best;
    for (const DebContents& deb : packages) {
        for (const std::string& unit : service_units(deb))
            if (std::find(patch.restarts.begin(), patch.restarts.end(), unit) ==
                patch.restarts.end())
                patch.restarts.push_back(unit);
        if (patch.reboot_why.empty())
            patch.reboot_why = reboot_reason(deb.facts.name, deb.facts.maintainer_scripts);
        if (deb.facts.source != patch.source) continue;
        for (const auto& [path, bytes] : deb.texts) {
            if (!is_changelog(path)) continue;
            ChangelogSummary found =
                summarise(entries_of(path, bytes), from_source_version, patch.version);
            if (found.text.size() > best.text.size()) best = std::move(found);
        }
    }
    std::sort(patch.restarts.begin(), patch.restarts.end());
    patch.reboot = !patch.reboot_why.empty();
    patch.advisories = best.advisories;
    patch.urgency = best.urgency;
    patch.changelog = best.text;
}

}  // namespace patchlab::intake
