// SPDX-License-Identifier: Apache-2.0
//
// What two command lines say, as far as they must say the same.
#pragma once

#include <algorithm>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "platform/core/files.hpp"

namespace patchlab::tests {

/// Without what differs between two runs of one command on one host: times, digests of what holds
/// times or keys, and the folders of the two labs.
inline std::string without_chance(std::string text, const fs::path& lab) {
    for (std::size_t at = 0; (at = text.find(lab.string())) != std::string::npos;)
        text.replace(at, lab.string().size(), "LAB");
    static const std::vector<std::pair<std::regex, std::string>> chances{
        {std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)"), "TIME"},
        {std::regex(R"(\d{4}-\d\d-\d\d \d\d:\d\d UTC)"), "MINUTE"},
        {std::regex(R"(\b[0-9a-f]{12,64}\b)"), "DIGEST"},
        {std::regex(R"(\[\d+ (s|min)[^\]]*\])"), "[AFTER]"},
        {std::regex(R"([0-9.]+ (B|KiB|MiB)\b)"), "SIZE"},
        {std::regex(R"(took [0-9.]+ (ms|s|min))"), "took N"},
        {std::regex(R"re("([a-z_]*seconds|duration)": [0-9.e-]+)re"), "\"$1\": N"},
    };
    for (const auto& [pattern, word] : chances) text = std::regex_replace(text, pattern, word);
    return text;
}

/// Progress comes as often as the worker is looked at, so only which lines there are counts.
inline std::string lines_once(const std::string& text) {
    std::vector<std::string> seen;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (std::find(seen.begin(), seen.end(), line) == seen.end()) seen.push_back(line);
    std::string all;
    for (const std::string& line : seen) all += line + "\n";
    return all;
}

}  // namespace patchlab::tests
