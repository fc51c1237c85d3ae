// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/changelog.hpp"

#include <algorithm>

#include "orchestrator/families/deb/control.hpp"
#include "orchestrator/families/deb/family.hpp"
#include "orchestrator/families/fixes.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::deb {

namespace {

constexpr std::size_t most_entries = 10'000;
constexpr std::size_t most_text = 64U << 10;

std::string urgency_in(std::string_view options) {
    std::string text(options);
    std::transform(text.begin(), text.end(), text.begin(), small);
    const auto at = text.find("urgency=");
    if (at == std::string::npos) return "unknown";
    const auto begin = at + 8;
    const auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(),
                                      [](char c) { return c >= 'a' && c <= 'z'; });
    const std::string word(text.begin() + static_cast<std::ptrdiff_t>(begin), end);
    return urgency_rank(word) > 0 ? word : "unknown";
}

// "nginx (1.22.1-9+deb12u2) bookworm-security; urgency=high"
bool parse_header(std::string_view line, ChangelogEntry& entry) {
    const auto space = line.find(" (");
    const auto close = line.find(')');
    if (space == std::string_view::npos || close == std::string_view::npos || close < space + 3)
        return false;
    const std::string_view source = line.substr(0, space);
    const std::string_view version = line.substr(space + 2, close - space - 2);
    const auto semicolon = line.find(';', close);
    if (semicolon == std::string_view::npos || !valid_package_name(source) ||
        !valid_version(version))
        return false;
    entry.source = source;
    entry.version = version;
    entry.distributions = trimmed(line.substr(close + 1, semicolon - close - 1));
    entry.urgency = urgency_in(line.substr(semicolon + 1));
    return true;
}

std::string capped(std::string text) {
    if (text.size() <= most_text) return text;
    std::size_t end = most_text - 64;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;  // not inside a UTF-8 character
    text.resize(end);
    return text + "\n[the rest is left out: larger than 64 KiB]\n";
}

}  // namespace

std::vector<ChangelogEntry> parse_changelog(std::string_view text) {
    std::vector<ChangelogEntry> entries;
    bool inside = false;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty() && line[0] != ' ' && line[0] != '\t') {
            ChangelogEntry entry;
            inside = parse_header(line, entry);
            if (!inside) continue;
            if (entries.size() >= most_entries) break;
            entries.push_back(std::move(entry));
        }
        if (inside) entries.back().text.append(line).append("\n");
    }
    for (ChangelogEntry& entry : entries)
        while (entry.text.size() > 1 && entry.text[entry.text.size() - 2] == '\n')
            entry.text.pop_back();
    return entries;
}

ChangelogSummary summarise(const std::vector<ChangelogEntry>& entries, std::string_view from,
                           std::string_view to) {
    ChangelogSummary summary;
    std::vector<std::string_view> oldest_first;
    for (const ChangelogEntry& entry : entries) {
        const int to_newest = compare_versions(entry.version, to);
        if (to_newest > 0 ||
            (from.empty() ? to_newest != 0 : compare_versions(entry.version, from) <= 0))
            continue;
        if (urgency_rank(entry.urgency) > urgency_rank(summary.urgency))
            summary.urgency = entry.urgency;
        if (!summary.text.empty()) summary.text += "\n";
        summary.text += entry.text;
        oldest_first.push_back(entry.text);
    }
    std::reverse(oldest_first.begin(), oldest_first.end());
    summary.advisories = fixed_cves(oldest_first);
    summary.text = capped(std::move(summary.text));
    return summary;
}

}  // namespace patchlab::families::deb
