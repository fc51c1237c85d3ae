// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/deb/family.hpp"
#include "orchestrator/families/log_cause.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::deb {

namespace {

/// The beginnings of lines that tell of progress, not of trouble.
constexpr std::array progress_words{"Setting up ",
                                    "Unpacking ",
                                    "Preparing to unpack ",
                                    "(Reading database",
                                    "Selecting previously",
                                    "Processing triggers",
                                    "Get:",
                                    "Hit:",
                                    "Ign:",
                                    "Reading ",
                                    "Building dependency",
                                    "debconf: delaying",
                                    "Removing ",
                                    "Purging ",
                                    "Fetched ",
                                    "Need to get",
                                    "After this operation",
                                    "dpkg: warning: downgrading"};

/// apt's last word, which only says that dpkg failed.
constexpr std::string_view says_nothing_new = "E: Sub-process /usr/bin/dpkg returned an error code";

bool begins_with_any(std::string_view line, const auto& beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return line.starts_with(beginning); });
}

bool is_error(std::string_view line) {
    constexpr std::array beginnings{"E: ",
                                    "dpkg: error",
                                    "dpkg-deb: error",
                                    "dpkg-split: error",
                                    "dpkg: unrecoverable",
                                    "dpkg: dependency problems"};
    return begins_with_any(line, beginnings) ||
           line.find(" dpkg: error") !=
               std::string_view::npos;  // a script's words may lack their end of line
}

std::vector<std::string_view> log_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (!trimmed(line).empty()) lines.push_back(line);
    }
    return lines;
}

}  // namespace

std::string failure_in(std::string_view log) {
    const std::vector<std::string_view> lines = log_lines(log);
    LogCause said;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!is_error(lines[i]) || (lines[i].starts_with(says_nothing_new) && !said.empty()))
            continue;
        if (said.empty() && i > 0 && !begins_with_any(lines[i - 1], progress_words))
            said.add(lines[i - 1]);  // the failing script's own last words
        said.add(lines[i]);
        for (; lines[i].ends_with(':') && i + 1 < lines.size() && lines[i + 1].starts_with(' ');
             ++i)
            said.add(lines[i + 1]);
    }
    if (said.empty() && !lines.empty()) said.add(lines.back());
    return said.text();
}

}  // namespace patchlab::families::deb
