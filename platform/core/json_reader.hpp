// SPDX-License-Identifier: Apache-2.0
//
// Reads a JSON document that may be wrong: every getter checks the type and names the place of a
// mistake.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json_fwd.hpp"

namespace patchlab {

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
