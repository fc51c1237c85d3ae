// SPDX-License-Identifier: Apache-2.0
#include "reports/plain_text.hpp"

#include <cstdint>
#include <cstdio>
#include <optional>

#include "platform/core/text.hpp"

namespace patchlab::reports {

namespace {

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

/// What stands for the character, or for a byte that begins none.
std::string spelled(const std::optional<Character>& character, char byte) {
    char text[32];
    if (character) std::snprintf(text, sizeof text, "\u27e8U+%04X\u27e9", character->code);
    else
        std::snprintf(text, sizeof text, "\u27e8byte %02X\u27e9",
                      static_cast<unsigned>(static_cast<unsigned char>(byte)));
    return text;
}

}  // namespace

bool is_plain_text(std::string_view text) {
    while (!text.empty()) {
        const auto c = character_at(text, 0);
        if (!c || !is_plain(c->code)) return false;
        text.remove_prefix(c->bytes);
    }
    return true;
}

std::string plain_text(std::string_view text, std::size_t max_bytes) {
    std::string out;
    while (!text.empty()) {
        const auto c = character_at(text, 0);
        const std::size_t length = c ? c->bytes : 1;
        const bool shown = c && (is_plain(c->code) || c->code == '\t' || c->code == '\n');
        std::string piece = shown ? std::string(text.substr(0, length)) : spelled(c, text.front());
        if (out.size() + piece.size() > max_bytes)
            return out + "\u2026 (" + std::to_string(text.size()) + " bytes more)";
        out += piece;
        text.remove_prefix(length);
    }
    return out;
}

}  // namespace patchlab::reports
