// SPDX-License-Identifier: Apache-2.0
#include "reports/plain_text.hpp"

#include <cstdint>
#include <cstdio>

namespace patchlab::reports {

namespace {

struct Decoded {
    std::uint32_t code = 0;
    std::size_t bytes = 1;
    bool valid = false;
};

/// The character at the start of `text` (not empty). Overlong forms, surrogates and truncated
/// sequences are invalid.
Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
    };
    const std::uint32_t first = byte(0);
    if (first < 0x80) return {first, 1, true};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return {first, 1, false};
    std::uint32_t code = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return {first, 1, false};
        code = (code << 6U) | (byte(i) & 0x3FU);
    }
    const std::uint32_t least = length == 2 ? 0x80U : length == 3 ? 0x800U : 0x10000U;
    if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return {first, 1, false};
    return {code, length, true};
}

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

std::string spelled(const Decoded& c) {
    char text[32];
    std::snprintf(text, sizeof text, c.valid ? "\u27e8U+%04X\u27e9" : "\u27e8byte %02X\u27e9",
                  c.code);
    return text;
}

}  // namespace

bool is_plain_text(std::string_view text) {
    while (!text.empty()) {
        const Decoded c = decode(text);
        if (!c.valid || !is_plain(c.code)) return false;
        text.remove_prefix(c.bytes);
    }
    return true;
}

std::string plain_text(std::string_view text, std::size_t max_bytes) {
    std::string out;
    while (!text.empty()) {
        const Decoded c = decode(text);
        const bool shown = c.valid && (is_plain(c.code) || c.code == '\t' || c.code == '\n');
        std::string piece = shown ? std::string(text.substr(0, c.bytes)) : spelled(c);
        if (out.size() + piece.size() > max_bytes)
            return out + "\u2026 (" + std::to_string(text.size()) + " bytes more)";
        out += piece;
        text.remove_prefix(c.bytes);
    }
    return out;
}

}  // namespace patchlab::reports
