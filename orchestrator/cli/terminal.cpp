// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/terminal.hpp"

#include <locale.h>
#include <unistd.h>
#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <cwchar>

#include "platform/core/text.hpp"

namespace patchlab::cli {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

bool steers_terminal(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0)  // C0, DEL, C1
           || (c >= 0x202a && c <= 0x202e)      // embeddings and overrides of direction
           || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f;
}

int width_of(char32_t point) {
    // a locale of our own: the user's may be C, in which nothing but ASCII has a width
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (!utf8) return 1;
    const locale_t before = ::uselocale(utf8);
    const int width = ::wcwidth(static_cast<wchar_t>(point));
    ::uselocale(before);
    return std::max(width, 0);
}

}  // namespace

bool is_terminal(int fd) {
    const char* kind = std::getenv("TERM");
    return ::isatty(fd) == 1 && std::string_view(kind ? kind : "") != "dumb";
}

std::string plain_text(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto found = character_at(text, i);
        if (!found) out += replacement;
        else if (found->code == '\n') out += '\n';
        else if (found->code == '\t') out += ' ';
        else if (steers_terminal(found->code)) out += '?';
        else out += text.substr(i, found->bytes);
        i += found ? found->bytes : 1;
    }
    return out;
}

std::string one_line(std::string_view text) {
    std::string out = plain_text(text);
    std::replace(out.begin(), out.end(), '\n', ' ');
    return out;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string a_few(const std::vector<std::string>& words) {
    constexpr std::size_t few = 2;
    if (words.size() <= few + 1) return joined(words);
    return joined({words.begin(), words.begin() + few}) + " and " +
           std::to_string(words.size() - few) + " more";
}

std::string labelled(const std::string& label, const std::string& text, std::size_t width) {
    return text.empty()
               ? ""
               : label + std::string(label.size() < width ? width - label.size() : 1, ' ') +
                     one_line(text) + "\n";
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto found = character_at(text, i);
        width += found ? static_cast<std::size_t>(width_of(found->code)) : 1;
        i += found ? found->bytes : 1;
    }
    return width;
}

std::string cut_to_width(const std::string& text, std::size_t width) {
    if (display_width(text) <= width) return text;
    if (width == 0) return {};
    std::size_t used = 0;
    std::size_t end = 0;
    while (end < text.size()) {
        const auto found = character_at(text, end);
        used += found ? static_cast<std::size_t>(width_of(found->code)) : 1;
        if (used + 1 > width) break;
        end += found ? found->bytes : 1;
    }
    return text.substr(0, end) + "…";
}

std::vector<std::string> table_lines(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::vector<std::string>> cells;
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        auto& clean = cells.emplace_back();
        for (const std::string& cell : row) clean.push_back(one_line(cell));
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], display_width(clean[i]));
    }
    std::vector<std::string> lines;
    for (const auto& row : cells) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += row[i] + std::string(widths[i] - display_width(row[i]) + 2, ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace patchlab::cli
