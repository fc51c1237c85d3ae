// SPDX-License-Identifier: Apache-2.0
//
// Text that came from outside, made fit to be stored and shown. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace patchlab {

/// `bytes` as valid UTF-8 without control characters: whatever is not, as \xNN. More than `max`
/// bytes are cut, and a digest of the whole is added so that two long texts stay different.
std::string printable(std::string_view bytes, std::size_t max);

/// Valid UTF-8 cut to at most `most` bytes, never within a character; a cut is marked with "…".
std::string shortened(std::string_view text, std::size_t most);

}  // namespace patchlab
