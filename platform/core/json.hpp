// SPDX-License-Identifier: Apache-2.0
//
// JSON with an insertion-ordered object (so that files read as written). Everything that comes from
// a guest, a file or the network goes through parse_json() and the checked getters of JsonReader:
// sizes are capped and types checked, and a wrong document gives Error(invalid) with "where: /path:
// what". A header that only takes or returns JSON includes json_fwd.hpp instead.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "platform/core/json_fwd.hpp"
#include "platform/core/json_reader.hpp"

// Compiled once, in json.cpp: instantiated anew in every file that says Json, it was a quarter of
// the build.
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace patchlab {

/// Parses untrusted text. `where` names the source in errors. Refuses more than `max_bytes` and
/// nesting deeper than 64.
Json parse_json(std::string_view text, std::string_view where, std::size_t max_bytes = 64U << 20);
/// Reads and parses a file. Error(not_found), Error(invalid).
Json read_json(const std::filesystem::path& path, std::size_t max_bytes = 64U << 20);
/// Writes atomically, indented by two, with a final newline. Invalid UTF-8 is replaced, never
/// thrown.
void write_json(const std::filesystem::path& path, const Json& value, unsigned mode = 0644);
/// The text that write_json() writes.
std::string to_text(const Json& value);
/// One line, invalid UTF-8 replaced.
std::string to_line(const Json& value);

/// A text, or null for an empty one.
Json text_or_null(const std::string& text);

}  // namespace patchlab
