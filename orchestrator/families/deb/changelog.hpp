// SPDX-License-Identifier: Apache-2.0
//
// Debian changelogs: what a vendor says changed between two versions, which CVE numbers it
// says are fixed, how urgent it is. Pure functions on untrusted text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::families::deb {

struct ChangelogEntry {
    std::string source;
    std::string version;
    std::string distributions;  ///< "bookworm-security"
    std::string urgency;        ///< lower case, "unknown" when not given
    std::string text;           ///< the whole entry, header and trailer line included
};

/// The entries of a changelog, newest first as they stand; lines that belong to none are skipped.
/// At most 10,000 entries.
std::vector<ChangelogEntry> parse_changelog(std::string_view text);

struct ChangelogSummary {
    std::vector<std::string> advisories;  ///< CVE numbers that are fixed, each once, in order
    std::string urgency = "unknown";      ///< highest of the entries
    std::string text;                     ///< the entries, capped at 64 KiB
};

/// What lies after `from` (excluded; empty: unknown, then only `to` itself) up to `to` (included).
/// Versions are source versions.
ChangelogSummary summarise(const std::vector<ChangelogEntry>& entries, std::string_view from,
                           std::string_view to);

}  // namespace patchlab::families::deb
