// SPDX-License-Identifier: Apache-2.0
//
// Text that came from outside, made fit to be stored and shown. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchlab {

struct Character {
    std::uint32_t code = 0;  ///< the code point
    std::size_t bytes = 1;   ///< how many bytes of the text it takes
};

/// The UTF-8 character that begins at `at` (RFC 3629); nullopt where there is none: an overlong
/// form, a surrogate, a code beyond U+10FFFF, a sequence that is cut short, the end of the text.
std::optional<Character> character_at(std::string_view text, std::size_t at);
/// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

/// `bytes` as valid UTF-8 without control characters: whatever is not, as \xNN. More than `max`
/// bytes are cut, and a digest of the whole is added so that two long texts stay different.
std::string printable(std::string_view bytes, std::size_t max);

/// Valid UTF-8 cut to at most `most` bytes, never within a character; a cut is marked with "…".
std::string shortened(std::string_view text, std::size_t most);

/// Without the blanks around it; a view of `text`.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n\v\f") {
    const auto first = text.find_first_not_of(blanks);
    return first == std::string_view::npos
               ? std::string_view{}
               : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace patchlab
