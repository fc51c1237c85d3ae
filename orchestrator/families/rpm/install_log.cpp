// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/log_cause.hpp"
#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::rpm {

namespace {

bool is_blank(std::string_view line) { return trimmed(line).empty(); }

/// What dnf, zypper and rpm begin a line with that says why.
bool tells_error(std::string_view line) {
    constexpr std::array beginnings{"Error:",
                                    "error:",
                                    "Error ",
                                    "Problem:",
                                    "Problem ",
                                    "nothing provides ",
                                    "No match for argument",
                                    "Unable to find",
                                    "fatal:",
                                    "package ",
                                    "Traceback ",
                                    "No provider of",
                                    "Failed ",
                                    "Curl error",
                                    "Can't "};
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view one) { return line.starts_with(one); }) ||
           line.find(" scriptlet failed, ") != std::string_view::npos;
}

/// Words that only announce the cause or say what the exit code says.
bool says_little(std::string_view line) {
    constexpr std::array little{"Error:",
                                "Error: Transaction failed",
                                "Error: Transaction test error:",
                                "Error: Transaction check error:",
                                "Error: Unable to find a match",
                                "Error summary",
                                "Error Summary",
                                "Failed:"};
    return std::find(little.begin(), little.end(), line) != little.end();
}

/// What stands below a line that only announces it: "  file /usr/bin/x from install of …".
bool belongs_to_it(std::string_view line) { return line.starts_with("  ") && !is_blank(line); }

}  // namespace

std::string failure_in(std::string_view log) {
    const std::vector<std::string_view> lines = split_lines(log);
    LogCause said, little;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view line = trimmed(lines[i]);
        if (!tells_error(line)) continue;
        const bool announces =
            (line.ends_with(':') && line != "Failed:") || line.starts_with("Problem");
        (says_little(line) ? little : said).add(line);
        for (; announces && i + 1 < lines.size() && belongs_to_it(lines[i + 1]); ++i)
            said.add(lines[i + 1]);
    }
    if (said.empty()) said = little;
    for (std::size_t i = lines.size(); said.empty() && i > 0; --i)
        if (!is_blank(lines[i - 1])) said.add(lines[i - 1]);
    return said.text();
}

}  // namespace patchlab::families::rpm
