// SPDX-License-Identifier: Apache-2.0
//
// tmpfiles.d(5) and sysusers.d(5): what is made, altered or removed at each start, and which
// accounts.
#include <algorithm>
#include <array>
#include <utility>

#include "snapshots/entries.hpp"

namespace patchlab::snapshots {
namespace {

/// What a type of line does to a path that is somebody else's.
std::string_view deed_of(char type) {
    constexpr std::array<std::pair<char, std::string_view>, 23> deeds{
        {{'r', "removes"},
         {'R', "removes, with all that is in it,"},
         {'D', "empties"},
         {'z', "sets mode and owner of"},
         {'Z', "sets mode and owner of all below"},
         {'m', "sets the mode of"},
         {'t', "sets attributes of"},
         {'T', "sets attributes of all below"},
         {'h', "sets flags of"},
         {'H', "sets flags of all below"},
         {'a', "sets access rights of"},
         {'A', "sets access rights of all below"},
         {'w', "writes into"},
         {'f', "makes or sets"},
         {'F', "writes over"},
         {'L', "puts a link at"},
         {'C', "copies into"},
         {'d', "makes, sets or clears"},
         {'v', "makes or sets"},
         {'q', "makes or sets"},
         {'Q', "makes or sets"},
         {'p', "puts a pipe at"},
         {'e', "sets or clears"}}};
    for (const auto& [letter, deed] : deeds)
        if (letter == type) return deed;
    return "touches";
}

/// Makes what is not there, and leaves alone what another put there but for its mode.
bool only_makes(std::string_view type) {
    constexpr std::string_view makers = "fdvqQpLC";
    return makers.find(type[0]) != std::string_view::npos &&
           type.find('+') == std::string_view::npos && type.find('=') == std::string_view::npos;
}

std::string expanded(std::string path) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> specifiers{
        {{"%t", "/run"},
         {"%S", "/var/lib"},
         {"%C", "/var/cache"},
         {"%L", "/var/log"},
         {"%T", "/tmp"},
         {"%V", "/var/tmp"}}};
    for (const auto& [specifier, value] : specifiers)
        if (path.starts_with(specifier)) path = std::string(value) + path.substr(specifier.size());
    std::string plain;  // "//" and "/./" hide nothing
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '/' && !plain.empty() && plain.back() == '/') continue;
        plain += path[i];
        if (plain.ends_with("/./")) plain.resize(plain.size() - 2);
    }
    return plain;
}

/// "0777", "~2777": everybody may write, and no sticky bit says whose the files are.
bool lets_all_write(std::string_view mode) {
    while (!mode.empty() && (mode[0] == '~' || mode[0] == ':')) mode.remove_prefix(1);
    if (mode.size() < 3 || mode.find_first_not_of("01234567") != std::string_view::npos)
        return false;
    const bool sticky = mode.size() > 3 && ((mode[mode.size() - 4] - '0') & 1) != 0;
    return ((mode.back() - '0') & 2) != 0 && !sticky;
}

bool climbs(std::string_view path) {
    return path.find("/../") != std::string_view::npos || path.ends_with("/..");
}

std::string concern_of_line(const std::vector<std::string>& words, const std::string& line,
                            const Belongings& own) {
    const std::string& type = words[0];
    const std::string path = words.size() > 1 ? expanded(words[1]) : std::string();
    const std::string told = " (" + line + ")";
    if (path.empty()) return "a line that is not understood" + told;
    if (type[0] == 'c' || type[0] == 'b') return "makes the device node " + path + told;
    const bool has_age = words.size() > 5 && words[5] != "-";
    const bool is_own =
        !climbs(path) &&
        (own.has_path(path) || (only_makes(type) && !has_age && own.is_placed_like_own(path)));
    if (!is_own) return std::string(deed_of(type[0])) + " " + path + " at each start" + told;
    const bool sets_mode = std::string_view("dDfFvqQzZme").find(type[0]) != std::string_view::npos;
    if (sets_mode && words.size() > 2 && lets_all_write(words[2]))
        return "lets everybody write " + path + told;
    return {};
}

std::string concern_of_account(const std::vector<std::string>& words, const std::string& line,
                               const Belongings& own) {
    const std::string told = " (" + line + ")";
    const auto word = [&](std::size_t at) { return at < words.size() ? words[at] : std::string(); };
    const auto is_own = [&](std::string_view name) {
        while (!name.empty() && name[0] == '_') name.remove_prefix(1);
        return own.is_named_like_own(name);
    };
    const std::string type = word(0).substr(0, 1), name = word(1), id = word(2);
    if (type == "r") return {};
    if (type == "m")
        return is_own(name) && is_own(id) ? std::string()
                                          : "makes " + name + " a member of " + id + told;
    if (type != "u" && type != "g") return "a line that is not understood" + told;
    if (id == "0" || id.starts_with("0:") || id.ends_with(":0"))
        return "makes " + name + " an account with root's number" + told;
    return is_own(name) ? std::string() : "makes the account " + name + told;
}

template <typename Judge>
std::vector<std::string> of_lines(const Entry& entry, Judge judge) {
    std::vector<std::string> concerns;
    for (const std::string& line : fresh_lines(entry)) {
        const std::vector<std::string> words = quoted_words(line);
        if (words.empty() || words[0].empty()) continue;
        if (std::string concern = judge(words, line); !concern.empty())
            concerns.push_back(std::move(concern));
    }
    return concerns;
}

}  // namespace

std::vector<std::string> concerns_of_tmpfiles(const Entry& entry, const Belongings& own) {
    return of_lines(entry, [&](const std::vector<std::string>& words, const std::string& line) {
        return concern_of_line(words, line, own);
    });
}

std::vector<std::string> concerns_of_sysusers(const Entry& entry, const Belongings& own) {
    return of_lines(entry, [&](const std::vector<std::string>& words, const std::string& line) {
        return concern_of_account(words, line, own);
    });
}

}  // namespace patchlab::snapshots
