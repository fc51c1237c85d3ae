// SPDX-License-Identifier: Apache-2.0
//
// Text for Markdown (CommonMark and what GitHub and GitLab add to it) that cannot be anything but
// text: no heading, list, picture, table cell, HTML, end of a code block, nor a link that hides
// where it leads, can be put in by what a guest or a package says. Everything is made plain first
// (plain_text.hpp). Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace patchlab::reports::markdown {

/// One line of text. What means something in Markdown, anywhere in a line or at its beginning, gets
/// a backslash.
std::string text(std::string_view said, std::size_t max_bytes = 600);
/// A code span on one line, fenced by more backticks than it holds. `cell`: in a table, where a bar
/// needs a backslash even in code.
std::string code(std::string_view said, bool cell = false, std::size_t max_bytes = 600);
/// A code block, each line after `indent`, fenced by more backticks than it holds; ends with a line
/// break.
std::string block(std::string_view said, std::string_view indent = "",
                  std::size_t max_bytes = 16'000);

}  // namespace patchlab::reports::markdown
