// SPDX-License-Identifier: Apache-2.0
//
// JSON with an insertion-ordered object (so that files read as written), and readers that name the
// place of a mistake. Everything that comes from a guest, a file or the network goes through
// parse_json() and the checked getters: sizes are capped and types checked, and a wrong document
// gives Error(invalid) with "where: /path: what".
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

// Compiled once, in json.cpp: instantiated anew in every file that says Json, it was a quarter of
// the build.
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace patchlab {

using Json = nlohmann::ordered_json;

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

/// A view of one object with the path it was reached by; every getter throws Error(invalid) naming
/// that path.
class JsonReader {
  public:
    JsonReader(const Json& value, std::string where, std::string path = "");
    /// The document's "schema" must be exactly `schema`.
    void expect_schema(std::string_view schema) const;
    bool has(std::string_view key) const;
    std::string string(std::string_view key) const;
    std::string string_or(std::string_view key, std::string fallback) const;
    std::int64_t integer(std::string_view key) const;
    std::int64_t integer_or(std::string_view key, std::int64_t fallback) const;
    double number(std::string_view key) const;
    double number_or(std::string_view key, double fallback) const;
    bool boolean(std::string_view key) const;
    bool boolean_or(std::string_view key, bool fallback) const;
    std::vector<std::string> strings(std::string_view key) const;
    std::vector<std::string> strings_or_empty(std::string_view key) const;
    /// The object below `key`.
    JsonReader object(std::string_view key) const;
    /// The array below `key`, each element an object.
    std::vector<JsonReader> objects(std::string_view key) const;
    const Json& raw() const { return *value_; }
    const Json& raw(std::string_view key) const;
    [[noreturn]] void fail(std::string_view key, std::string_view why) const;

  private:
    const Json* value_;
    std::string where_;
    std::string path_;
};

}  // namespace patchlab
