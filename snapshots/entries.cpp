// SPDX-License-Identifier: Apache-2.0
#include "snapshots/entries.hpp"

#include <set>

#include "platform/core/text.hpp"

namespace patchlab::snapshots {
namespace {

constexpr std::string_view blanks = " \t\r";

std::vector<std::string> effective_lines(std::string_view text) {
    std::vector<std::string> lines;
    std::string line;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        line += trimmed(text.substr(0, end), blanks);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\\') && !text.empty()) {
            line.back() = ' ';
            continue;
        }
        if (!line.empty() && line[0] != '#' && line[0] != ';') lines.push_back(line);
        line.clear();
    }
    return lines;
}

}  // namespace

std::vector<std::string> fresh_lines(const Entry& entry) {
    const std::vector<std::string> old = effective_lines(entry.old_text);
    const std::set<std::string> known(old.begin(), old.end());
    std::vector<std::string> lines = effective_lines(entry.text);
    std::erase_if(lines, [&](const std::string& line) { return known.contains(line); });
    return lines;
}

std::vector<std::string> quoted_words(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    bool inside = false;
    char quote = 0;
    for (const char c : line) {
        if (quote != 0 && c == quote) quote = 0;
        else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
            inside = true;
        } else if (quote == 0 && blanks.find(c) != blanks.npos) {
            if (inside) words.push_back(word);
            word.clear();
            inside = false;
        } else {
            word += c;
            inside = true;
        }
    }
    if (inside) words.push_back(word);
    return words;
}

std::vector<std::string> concerns_of_settings(const Entry& entry) {
    std::vector<std::string> concerns;
    for (const std::string& line : fresh_lines(entry)) concerns.push_back("sets " + line);
    return concerns;
}

std::vector<std::string> concerns_of(EntryLanguage language, const Entry& entry,
                                     const Belongings& own) {
    switch (language) {
        case EntryLanguage::none: return {};
        case EntryLanguage::tmpfiles: return concerns_of_tmpfiles(entry, own);
        case EntryLanguage::sysusers: return concerns_of_sysusers(entry, own);
        case EntryLanguage::udev: return concerns_of_udev(entry, own);
        case EntryLanguage::bus_policy: return concerns_of_bus_policy(entry, own);
        case EntryLanguage::bus_service: return concerns_of_bus_service(entry, own);
        case EntryLanguage::polkit_actions: return concerns_of_polkit_actions(entry, own);
        case EntryLanguage::rotation: return concerns_of_rotation(entry, own);
        case EntryLanguage::settings: return concerns_of_settings(entry);
    }
    return {};
}

}  // namespace patchlab::snapshots
