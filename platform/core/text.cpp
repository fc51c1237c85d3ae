// SPDX-License-Identifier: Apache-2.0
#include "platform/core/text.hpp"

#include "platform/core/digest.hpp"

namespace patchlab {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// Length of the well-formed UTF-8 character at `at` (RFC 3629: no overlong forms, no surrogates),
/// 0 when there is none.
std::size_t character_length(std::string_view text, std::size_t at) {
    const unsigned first = byte_at(text, at);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                               : first >= 0xE0 && first <= 0xEF ? 3
                               : first >= 0xF0 && first <= 0xF4 ? 4
                                                                : 0;
    if (length == 0 || at + length > text.size()) return 0;
    const unsigned second = byte_at(text, at + 1);
    const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte_at(text, at + i) & 0xC0U) != 0x80) return 0;
    }
    return length;
}

/// C0 and C1 controls and the bidirectional overrides, which make a reader see another text than
/// the one that is there.
bool misleads(std::string_view character) {
    const unsigned first = byte_at(character, 0);
    if (character.size() == 1) return first < 0x20 || first == 0x7F;
    if (character.size() == 2) return first == 0xC2 && byte_at(character, 1) < 0xA0;
    if (character.size() != 3 || first != 0xE2) return false;
    const unsigned second = byte_at(character, 1);
    const unsigned third = byte_at(character, 2);
    return (second == 0x80 && ((third >= 0xAA && third <= 0xAE) || third == 0xA8 || third == 0xA9 ||
                               (third >= 0x8B && third <= 0x8F))) ||
           (second == 0x81 && third >= 0xA6 && third <= 0xA9);
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

}  // namespace

std::string printable(std::string_view bytes, std::size_t max) {
    std::string out;
    std::size_t at = 0;
    while (at < bytes.size() && out.size() < max) {
        const std::size_t length = character_length(bytes, at);
        const std::string_view character = bytes.substr(at, length == 0 ? 1 : length);
        if (length == 0 || misleads(character)) {
            append_escaped(out, character);
        } else {
            out += character;
        }
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
    while (end > 0 && (byte_at(text, end) & 0xC0U) == 0x80) --end;
    return std::string(text.substr(0, end)) + std::string(mark);
}

}  // namespace patchlab
