// SPDX-License-Identifier: Apache-2.0
//
// The one text kit: text that came from outside, made fit to be stored and shown. Its neighbours
// are text_width.hpp (columns on a terminal) and text_units.hpp (counts, sizes, durations,
// digests). Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// Whether a reader sees this character as itself. Controls (C0, DEL, C1), invisible characters,
/// and those that turn the direction of a line are not plain: they steer terminals, or make a file
/// name look like another.
bool is_plain(std::uint32_t code);
/// True when the text is valid UTF-8 and every character is plain.
bool is_plain_text(std::string_view text);

/// Text for a reader: whatever is not plain is spelled out ("⟨U+202E⟩", "⟨byte FF⟩"), never
/// dropped. Tab and newline stay. Longer than `max_bytes`: cut, with "… (N bytes more)".
std::string plain_text(std::string_view text, std::size_t max_bytes = 4096);
/// The same for one line, whole: line breaks become "⏎", except at the end, where they go. A tab
/// becomes a space.
std::string one_line(std::string_view text);

/// `bytes` as evidence keeps them: valid UTF-8 without control characters, whatever is not as \xNN.
/// More than `max` bytes are cut, and a digest of the whole is added so that two long texts stay
/// different. Its form is part of captures and never changes.
std::string printable(std::string_view bytes, std::size_t max);

/// Valid UTF-8 cut to at most `most` bytes, never within a character; a cut is marked with "…".
std::string shortened(std::string_view text, std::size_t most);

/// [0-9], whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// A-Z in small letters, whatever the locale; every other byte as it is.
constexpr char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
/// The same of a whole text.
inline std::string in_small_letters(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = small(c);
    return out;
}

/// Without the blanks around it; a view of `text`.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n\v\f") {
    const auto first = text.find_first_not_of(blanks);
    return first == std::string_view::npos
               ? std::string_view{}
               : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The lines of a text without their ends, views of it: no empty one after a last line break.
std::vector<std::string_view> split_lines(std::string_view text);

/// "a, b"
std::string joined(const std::vector<std::string>& words);
/// "a, b and 12 more": for the cell of a table.
std::string a_few(const std::vector<std::string>& words);

/// The word of `known` that was probably meant by `word`; empty when none is near enough.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);
/// " (did you mean 'NAME'?)", or nothing when no word of `known` is near enough.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// A value of curl's configuration, in the quotes that it reads back as exactly this.
std::string curl_quoted(std::string_view value);

/// A cell of a CSV line (RFC 4180). What a spreadsheet would take for a formula begins with an
/// apostrophe and stays text; a number stays a number.
std::string csv_cell(std::string_view text);

}  // namespace patchlab
