// SPDX-License-Identifier: Apache-2.0
//
// Text that is safe and straight on a terminal. Names and messages may come from guests and
// packages, so nothing that could steer the terminal gets through. Thread safety: all functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::cli {

/// True when `fd` is a terminal that can be steered.
bool is_terminal(int fd);

/// Valid UTF-8 without control characters (line breaks are kept) and without marks that turn the
/// direction of writing.
std::string plain_text(std::string_view text);
/// plain_text with line breaks turned into spaces.
std::string one_line(std::string_view text);

/// "a, b"
std::string joined(const std::vector<std::string>& words);
/// "a, b and 12 more": for the cell of a table; what is told whole is told elsewhere.
std::string a_few(const std::vector<std::string>& words);

/// "label       text", the text in one line and beginning at column `width`; nothing at all without
/// text.
std::string labelled(const std::string& label, const std::string& text, std::size_t width);

/// The columns that `text` takes on a terminal: 2 for wide characters, 0 for combining ones.
std::size_t display_width(std::string_view text);
/// `text` cut to at most `width` columns, with an ellipsis where something is missing.
std::string cut_to_width(const std::string& text, std::size_t width);

/// The lines of a table: columns padded to their widest cell, two spaces between, nothing at the
/// end of a line.
std::vector<std::string> table_lines(const std::vector<std::vector<std::string>>& rows);

}  // namespace patchlab::cli
