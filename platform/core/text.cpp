// SPDX-License-Identifier: Apache-2.0
#include "platform/core/text.hpp"

#include <utf8cpp/utf8.h>

#include <algorithm>
#include <cstdio>

#include "platform/core/digest.hpp"

namespace patchlab {
namespace {

constexpr std::size_t longest_character = 4;

/// C0 and C1 controls and the bidirectional overrides. What evidence keeps as \xNN.
bool misleads(std::uint32_t c) {
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    const bool invisible = (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029;
    const bool turns_direction = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return control || invisible || turns_direction;
}

void append_escaped(std::string& out, std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    for (const char c : bytes) {
        const unsigned value = static_cast<unsigned char>(c);
        out += "\\x";
        out += digits[value >> 4U];
        out += digits[value & 15U];
    }
}

/// What stands for a character that is not plain, or for a byte that begins none.
std::string spelled(const std::optional<Character>& character, char byte) {
    char text[32];
    if (character) std::snprintf(text, sizeof text, "\u27e8U+%04X\u27e9", character->code);
    else
        std::snprintf(text, sizeof text, "\u27e8byte %02X\u27e9",
                      static_cast<unsigned>(static_cast<unsigned char>(byte)));
    return text;
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last, last, row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last = std::move(last);
        last = row;
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min(
                {last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

}  // namespace

std::optional<Character> character_at(std::string_view text, std::size_t at) {
    if (at >= text.size()) return std::nullopt;
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) return Character{first, 1};
    const std::size_t most = std::min(longest_character, text.size() - at);
    for (std::size_t length = 2; length <= most; ++length) {
        const std::string_view sequence = text.substr(at, length);
        if (utf8::is_valid(sequence.begin(), sequence.end()))
            return Character{utf8::unchecked::peek_next(sequence.begin()), length};
    }
    return std::nullopt;
}

bool is_utf8(std::string_view text) { return utf8::is_valid(text.begin(), text.end()); }

bool is_plain(std::uint32_t c) {
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;  // C0, DEL, C1
    if (c == 0xAD || c == 0x61C || c == 0x180E)
        return false;  // soft hyphen, Arabic letter mark, Mongolian separator
    if (c >= 0x200B && c <= 0x200F) return false;  // zero width, direction marks
    if (c >= 0x2028 && c <= 0x202E) return false;  // line separators, embeddings and overrides
    if (c >= 0x2060 && c <= 0x206F) return false;  // invisible operators, isolates
    if (c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB)) return false;
    if (c >= 0xFE00 && c <= 0xFE0F) return false;    // variation selectors
    if (c >= 0xE0000 && c <= 0xE0FFF) return false;  // tags, more selectors
    return (c & 0xFFFEU) != 0xFFFEU;                 // noncharacters
}

bool is_plain_text(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto c = character_at(text, at);
        if (!c || !is_plain(c->code)) return false;
        at += c->bytes;
    }
    return true;
}

std::string plain_text(std::string_view text, std::size_t max_bytes) {
    std::string out;
    while (!text.empty()) {
        const auto c = character_at(text, 0);
        const std::size_t length = c ? c->bytes : 1;
        const bool shown = c && (is_plain(c->code) || c->code == '\t' || c->code == '\n');
        const std::string piece =
            shown ? std::string(text.substr(0, length)) : spelled(c, text.front());
        if (out.size() + piece.size() > max_bytes)
            return out + "\u2026 (" + std::to_string(text.size()) + " bytes more)";
        out += piece;
        text.remove_prefix(length);
    }
    return out;
}

std::string one_line(std::string_view text) {
    const std::size_t last = text.find_last_not_of("\r\n");
    text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
    std::string out;
    for (const char c : plain_text(text, std::string::npos)) {
        if (c == '\n') out += "\u23ce";
        else out += c == '\t' ? ' ' : c;
    }
    return out;
}

std::string printable(std::string_view bytes, std::size_t max) {
    std::string out;
    std::size_t at = 0;
    while (at < bytes.size() && out.size() < max) {
        const auto found = character_at(bytes, at);
        const std::string_view character = bytes.substr(at, found ? found->bytes : 1);
        if (!found || misleads(found->code)) append_escaped(out, character);
        else out += character;
        at += character.size();
    }
    if (at < bytes.size())
        out += "… (" + std::to_string(bytes.size()) + " bytes, sha256:" + sha256_hex(bytes) + ")";
    return out;
}

std::string shortened(std::string_view text, std::size_t most) {
    constexpr std::string_view mark = "…";
    if (text.size() <= most) return std::string(text);
    std::size_t end = most < mark.size() ? 0 : most - mark.size();
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
    return std::string(text.substr(0, end)) + std::string(mark);
}

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
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

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
    if (word.size() > 64) return {};
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : known)
        if (const std::size_t distance = edit_distance(word, candidate); distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    const std::string meant = nearest_word(word, known);
    return meant.empty() ? "" : " (did you mean '" + meant + "'?)";
}

namespace {

bool is_number_text(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && is_digit(text.front()) &&
           text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::string curl_quoted(std::string_view value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '\n') out += "\\n";
        else if (c == '\r') out += "\\r";
        else if (c == '\t') out += "\\t";
        else if (c == '\v') out += "\\v";
        else if (c == '"' || c == '\\') out += {'\\', c};
        else out += c;
    }
    return out + "\"";
}

std::string csv_cell(std::string_view text) {
    std::string cell(text);
    const bool formula =
        !text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string::npos;
    if (formula && !is_number_text(text)) cell.insert(0, "'");
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (const char c : cell) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + "\"";
}

}  // namespace patchlab
