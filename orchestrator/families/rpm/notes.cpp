// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "orchestrator/families/fixes.hpp"
#include "orchestrator/families/rpm/family.hpp"
#include "orchestrator/families/service_units.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::size_t most_changelog = 64U << 10;

enum class Match { exact, begins };

struct RebootRule {
    std::string_view text;
    Match match;
    std::string_view why;
};

constexpr std::string_view kernel_why = "a kernel runs only after a boot";
constexpr std::string_view loader_why = "only a boot proves a boot loader";
constexpr std::string_view bus_why = "the message bus cannot be restarted under its clients";

constexpr RebootRule reboot_rules[] = {
    {"kernel", Match::exact, kernel_why},
    {"kernel-core", Match::exact, kernel_why},
    {"kernel-modules", Match::begins, kernel_why},
    {"kernel-default", Match::begins, kernel_why},
    {"kernel-rt", Match::begins, kernel_why},
    {"kernel-uek", Match::begins, kernel_why},
    {"linux-image-", Match::begins, kernel_why},
    {"linux-firmware", Match::begins, "firmware is loaded when the kernel finds the device"},
    {"kernel-firmware", Match::begins, "firmware is loaded when the kernel finds the device"},
    {"microcode_ctl", Match::exact, "processor microcode is loaded at boot"},
    {"ucode-", Match::begins, "processor microcode is loaded at boot"},
    {"glibc", Match::exact, "every running process holds the old C library"},
    {"libc6", Match::exact, "every running process holds the old C library"},
    {"systemd", Match::exact, "the first process and what it supervises hold the old code"},
    {"dbus", Match::exact, bus_why},
    {"dbus-1", Match::exact, bus_why},
    {"dbus-daemon", Match::exact, bus_why},
    {"dbus-broker", Match::exact, bus_why},
    {"grub2", Match::begins, loader_why},
    {"grub-", Match::begins, loader_why},
    {"shim", Match::begins, loader_why},
    {"dracut", Match::exact, "only a boot proves an initramfs"},
    {"selinux-policy", Match::begins, "only a boot proves that the system starts under a policy"},
};

std::string reboot_reason_of(std::string_view package, std::string_view scripts) {
    for (const RebootRule& rule : reboot_rules)
        if (rule.match == Match::exact ? package == rule.text : package.starts_with(rule.text))
            return std::string(package) + ": " + std::string(rule.why);
    if (scripts.find("reboot-required") != std::string_view::npos ||
        scripts.find("/run/reboot-needed") != std::string_view::npos)
        return std::string(package) + ": its scripts ask for a reboot";
    return {};
}

/// "M <m@example.org> - 2:1.0-1" → "2:1.0-1"; empty when the entry names no version.
std::string version_named_in(std::string_view heading) {
    heading = trimmed(heading);
    std::string_view word = heading.substr(heading.find_last_of(" \t") + 1);
    if (word.starts_with('-')) word.remove_prefix(1);
    if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
    return !word.empty() && is_digit(word[0]) && rpm_family().valid_version(word)
               ? std::string(word)
               : std::string();
}

/// Without the mark of a release: "1.el9_4" is built of "1".
bool is_older_or_same(const std::string& entry, const std::string& than) {
    // the changelog often leaves the epoch out
    const bool epochs = entry.find(':') != std::string::npos;
    const auto colon = than.find(':');
    return compare_versions(
               entry, epochs || colon == std::string::npos ? than : than.substr(colon + 1)) <= 0;
}

/// The entries of a header's changelog, newest first, down to the version `from`; without one only
/// the newest.
std::vector<std::string> entries_after(const Header& header, const std::string& from) {
    const auto headings = header.texts(tag::changelog_name);
    const auto texts = header.texts(tag::changelog_text);
    std::vector<std::string> entries;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < std::min(headings.size(), texts.size()); ++i) {
        const std::string version = version_named_in(headings[i]);
        if (!from.empty() && !version.empty() && is_older_or_same(version, from)) break;
        entries.push_back("* " + std::string(headings[i]) + "\n" + std::string(texts[i]) + "\n");
        bytes += entries.back().size();
        if (from.empty() || bytes > most_changelog) break;
    }
    return entries;
}

}  // namespace

std::string reboot_reason(std::string_view package) { return reboot_reason_of(package, {}); }

VendorNotes notes_of(const std::vector<PackageContents>& packages, const std::string& source,
                     const std::string& from) {
    VendorNotes notes;
    std::set<std::string> restarts;
    std::vector<std::string> entries;
    for (const PackageContents& package : packages) {
        for (const std::string& unit : service_units(package)) restarts.insert(unit);
        if (notes.reboot_why.empty())
            notes.reboot_why =
                reboot_reason_of(package.facts.name, package.facts.maintainer_scripts);
        if (package.facts.source != source || !entries.empty()) continue;
        entries = entries_after(header_of(package.facts), from);
    }
    std::vector<std::string_view> oldest_first(entries.rbegin(), entries.rend());
    notes.advisories = fixed_cves(oldest_first);
    for (const std::string& entry : entries)
        notes.changelog += (notes.changelog.empty() ? "" : "\n") + entry;
    notes.changelog = plain_text(notes.changelog, most_changelog);
    notes.restarts.assign(restarts.begin(), restarts.end());
    return notes;
}

}  // namespace patchlab::families::rpm
