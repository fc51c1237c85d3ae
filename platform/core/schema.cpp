// SPDX-License-Identifier: Apache-2.0
#include "platform/core/schema.hpp"

#include <regex.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <set>

#include "platform/core/error.hpp"
#include "platform/core/schema_walk.hpp"

namespace patchlab {

namespace {

[[noreturn]] void wrong_schema(const std::string& path, const std::string& why) {
    throw Error(ErrorCode::internal, "schema " + (path.empty() ? "/" : path) + ": " + why);
}

void check_pattern_is_portable(const std::string& pattern, const std::string& path) {
    for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
        const auto next = static_cast<unsigned char>(pattern[i + 1]);
        if (pattern[i] == '\\' && std::isalnum(next))
            wrong_schema(path, "pattern uses an escape that POSIX does not know");
        if (pattern[i] == '\\') ++i;
        if (pattern[i] == '(' && next == '?') wrong_schema(path, "pattern uses (?…)");
    }
    matches_pattern("", pattern);
}

/// Visits a schema and its subschemas and refuses unknown keywords.
void check_schema(const Json& schema, const Json& root, const std::string& path) {
    static const std::set<std::string> leaves{
        "type",      "required",      "enum",     "const",       "minLength",
        "maxLength", "minItems",      "maxItems", "uniqueItems", "minimum",
        "maximum",   "minProperties", "$schema",  "$id",         "$comment",
        "title",     "description",   "default",  "examples"};
    static const std::set<std::string> maps{"properties", "patternProperties", "$defs"};
    static const std::set<std::string> lists{"oneOf", "anyOf"};
    static const std::set<std::string> single{"items", "additionalProperties", "propertyNames"};
    if (schema.is_boolean()) return;
    if (!schema.is_object()) wrong_schema(path, "must be an object or a boolean");
    for (const auto& [keyword, value] : schema.items()) {
        const std::string at = json_pointer(path, keyword);
        if (leaves.contains(keyword)) continue;
        if (maps.contains(keyword)) {
            for (const auto& [name, sub] : value.items()) {
                if (keyword == "patternProperties") check_pattern_is_portable(name, at);
                check_schema(sub, root, json_pointer(at, name));
            }
        } else if (lists.contains(keyword)) {
            for (std::size_t i = 0; i < value.size(); ++i)
                check_schema(value[i], root, json_pointer(at, std::to_string(i)));
        } else if (single.contains(keyword)) {
            check_schema(value, root, at);
        } else if (keyword == "pattern") {
            check_pattern_is_portable(value.get<std::string>(), at);
        } else if (keyword == "$ref") {
            const std::string target = value.get<std::string>();
            if (!target.starts_with("#/$defs/") ||
                !root.contains(Json::json_pointer(target.substr(1))))
                wrong_schema(at, "does not lead to a definition in #/$defs");
        } else {
            wrong_schema(at, "this keyword is not supported");
        }
    }
}

}  // namespace

Schema::Schema(std::string_view schema_text) : root_(parse_json(schema_text, "schema")) {
    check_schema(root_, root_, "");
}

void Schema::check(const YamlDocument& document, Diagnostics& diagnostics) const {
    check_against_schema(root_, document, diagnostics);
}

bool matches_pattern(const std::string& text, const std::string& pattern) {
    regex_t compiled;
    if (const int error = regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
        error != 0) {
        char why[128];
        regerror(error, &compiled, why, sizeof why);
        throw Error(ErrorCode::invalid, "'" + pattern + "' is not a regular expression: " + why);
    }
    const std::unique_ptr<regex_t, void (*)(regex_t*)> owner(&compiled, &regfree);
    return regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace patchlab
