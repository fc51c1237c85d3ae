// SPDX-License-Identifier: Apache-2.0
//
// Text of guests and packages made harmless for a reader: valid UTF-8, no control characters,
// nothing invisible and nothing that turns the direction of the line (a file name with a
// right-to-left override can look like another). What is not plain is shown, never dropped:
// "⟨U+202E⟩". Escaping for HTML or XML comes on top. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace patchlab::reports {

/// True when the text is valid UTF-8 without control, invisible or direction-changing characters.
bool is_plain_text(std::string_view text);

/// The text with every such character spelled out; tab and newline stay. Longer than `max_bytes`:
/// cut, with "… (N bytes more)".
std::string plain_text(std::string_view text, std::size_t max_bytes = 4096);

}  // namespace patchlab::reports
