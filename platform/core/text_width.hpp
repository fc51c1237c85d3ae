// SPDX-License-Identifier: Apache-2.0
//
// How wide text is on a terminal, by the tables of Unicode and not by the locale of whoever runs
// us. Of the text kit (text.hpp). Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace patchlab {

/// The columns that `text` takes on a terminal: 2 for wide characters, 0 for combining ones.
std::size_t display_width(std::string_view text);
/// `text` cut to at most `width` columns, with an ellipsis where something is missing.
std::string cut_to_width(std::string_view text, std::size_t width);
/// `text` and blanks up to `width` columns.
std::string padded(std::string_view text, std::size_t width);

}  // namespace patchlab
