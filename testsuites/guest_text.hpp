// SPDX-License-Identifier: Apache-2.0
//
// Text that came out of a guest, made fit to be stored and shown. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::testsuites {

inline constexpr std::size_t max_detail_bytes = 4096;

/// Valid UTF-8 of at most `max_bytes`: invalid bytes become U+FFFD, control characters other than
/// newline and tab are dropped, a cut is marked with "…".
std::string guest_text(std::string_view bytes, std::size_t max_bytes = max_detail_bytes);

/// The non-empty lines of it, at most `max_lines` of 400 bytes.
std::vector<std::string> guest_lines(std::string_view bytes, std::size_t max_lines);

}  // namespace patchlab::testsuites
