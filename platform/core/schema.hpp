// SPDX-License-Identifier: Apache-2.0
//
// A validator for the part of JSON Schema 2020-12 that the published schemas use. It reports every
// mistake with file, line and path, proposes the nearest known word for an unknown one, and refuses
// a schema with a keyword it does not know: a rule that is silently ignored would be worse than
// none. Immutable after construction; thread-safe.
//
// Keywords: type, properties, required, additionalProperties, patternProperties, propertyNames,
// enum, const, pattern, minLength, maxLength, items, minItems, maxItems, uniqueItems,
// minProperties, minimum, maximum, oneOf, anyOf, $ref (to
// #/$defs/NAME), $defs; annotations: $schema, $id, $comment, title, description, default, examples.
// `title` is a noun phrase ("a size such as 512M"): a value that fails `pattern` or every branch of
// a oneOf is told to be that. Patterns must mean the same as ECMA-262 and as POSIX extended regular
// expressions, so no \d and no (?…).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/diagnostics.hpp"
#include "platform/core/json.hpp"
#include "platform/core/yaml.hpp"

namespace patchlab {

class Schema {
  public:
    /// Error(internal) when the schema uses what is not supported, or is wrong.
    explicit Schema(std::string_view schema_text);

    /// Adds every mistake of the document to `diagnostics`.
    void check(const YamlDocument& document, Diagnostics& diagnostics) const;
    const Json& json() const { return root_; }

  private:
    Json root_;
};

/// True when `text` contains a match of the POSIX extended regular expression. Error(invalid) when
/// the pattern is wrong.
bool matches_pattern(const std::string& text, const std::string& pattern);

}  // namespace patchlab
