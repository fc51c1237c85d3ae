// SPDX-License-Identifier: Apache-2.0
#include "platform/core/text.hpp"

#include "platform/core/digest.hpp"

namespace patchlab {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// Bytes of the sequence that such a first byte opens; 0 when none does.
std::size_t length_after(unsigned first) {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (first >= 0xE0 && first <= 0xEF) return 3;
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/// C0 and C1 controls and the bidirectional overrides, which make a reader see another text than
/// the one that is there.
bool misleads(Character character) {
    const std::uint32_t c = character.code;
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

}  // namespace

std::optional<Character> character_at(std::string_view text, std::size_t at) {
    if (at >= text.size()) return std::nullopt;
    const unsigned first = byte_at(text, at);
    const std::size_t length = length_after(first);
    if (length == 0 || length > text.size() - at) return std::nullopt;
    if (length == 1) return Character{first, 1};
    std::uint32_t code = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const unsigned byte = byte_at(text, at + i);
        if ((byte & 0xC0U) != 0x80U) return std::nullopt;
        code = code << 6U | (byte & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (overlong || surrogate || code > 0x10FFFF) return std::nullopt;
    return Character{code, length};
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto character = character_at(text, at);
        if (!character) return false;
        at += character->bytes;
    }
    return true;
}

std::string printable(std::string_view bytes, std::size_t max) {
    std::string out;
    std::size_t at = 0;
    while (at < bytes.size() && out.size() < max) {
        const auto found = character_at(bytes, at);
        const std::string_view character = bytes.substr(at, found ? found->bytes : 1);
        if (!found || misleads(*found)) {
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
