// SPDX-License-Identifier: Apache-2.0
#include "reports/markdown/escape.hpp"
#include "platform/core/text.hpp"

#include <algorithm>

namespace patchlab::reports::markdown {

namespace {

/// With a space for each line break and tab: what stands in the middle of a line cannot begin a new
/// one.
std::string one_line(std::string_view said, std::size_t max_bytes) {
    std::string line = plain_text(said, max_bytes);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return line;
}

bool digit(char c) { return c >= '0' && c <= '9'; }

/// True for a character that Markdown reads wherever it stands. A colon makes an address or a
/// smiley, a full stop an address; they are few, and an escaped one reads as itself.
bool special(const std::string& line, std::size_t at) {
    const char c = line[at];
    if (std::string_view("\\`*_{}[]<>|~&#$@!").find(c) != std::string_view::npos) return true;
    if (c == ':')
        return at + 1 < line.size() && line[at + 1] != ' ' &&
               !(at > 0 && digit(line[at - 1]) && digit(line[at + 1]));
    const auto w = [&](std::size_t back) {
        return at >= back && (line[at - back] == 'w' || line[at - back] == 'W');
    };
    return c == '.' && w(1) && w(2) && w(3);
}

/// True for what begins a list, a quotation or an underlined heading at the beginning of a line.
bool begins_something(const std::string& line, std::size_t at, std::size_t first) {
    const char c = line[at];
    if (at == first) return c == '-' || c == '+' || c == '=';
    const bool number = std::all_of(line.begin() + static_cast<std::ptrdiff_t>(first),
                                    line.begin() + static_cast<std::ptrdiff_t>(at), digit);
    return number && (c == '.' || c == ')');
}

std::string fence_for(std::string_view held, std::size_t least) {
    std::size_t longest = 0, run = 0;
    for (const char c : held) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
    return std::string(std::max(least, longest + 1), '`');
}

}  // namespace

std::string text(std::string_view said, std::size_t max_bytes) {
    const std::string line = one_line(said, max_bytes);
    const std::size_t first = std::min(line.find_first_not_of(' '), line.size());
    std::string out;
    for (std::size_t at = first; at < line.size(); ++at) {
        if (special(line, at) || begins_something(line, at, first)) out += '\\';
        out += line[at];
    }
    out.erase(out.find_last_not_of(' ') + 1);  // two of them at the end would break the line
    return out;
}

std::string code(std::string_view said, bool cell, std::size_t max_bytes) {
    std::string line = one_line(said, max_bytes);
    if (line.find_first_not_of(' ') == std::string::npos)
        return text(said, max_bytes);  // a span of nothing is none
    const std::string fence = fence_for(line, 1);
    if (cell)
        for (std::size_t at = 0; (at = line.find('|', at)) != std::string::npos; at += 2)
            line.insert(at, "\\");
    const bool padded =
        line.front() == '`' || line.back() == '`' || line.front() == ' ' || line.back() == ' ';
    return padded ? fence + " " + line + " " + fence : fence + line + fence;
}

std::string block(std::string_view said, std::string_view indent, std::size_t max_bytes) {
    const std::string held = plain_text(said, max_bytes);
    const std::string fence = fence_for(held, 3);
    std::string out = std::string(indent) + fence + "\n";
    for (std::size_t at = 0; at < held.size();) {
        const std::size_t end = std::min(held.find('\n', at), held.size());
        out += std::string(indent) + held.substr(at, end - at) + "\n";
        at = end + 1;
    }
    return out + std::string(indent) + fence + "\n";
}

}  // namespace patchlab::reports::markdown
