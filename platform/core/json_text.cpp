// SPDX-License-Identifier: Apache-2.0
#include "platform/core/json_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

#include "platform/core/json.hpp"
#include "platform/core/text.hpp"

namespace patchlab {
namespace {

void append_unit(std::string& out, std::uint32_t unit) {
    char text[8];
    std::snprintf(text, sizeof text, "\\u%04x", unit & 0xFFFFU);
    out += text;
}

/// The dump of a document, in which such characters stand in strings alone.
std::string with_escapes(const std::string& dump) {
    std::string out;
    for (std::size_t at = 0; at < dump.size();) {
        const auto character = character_at(dump, at);
        const std::size_t length = character ? character->bytes : 1;
        if (!character || dump[at] == '\n' || is_plain(character->code)) {
            out += dump.substr(at, length);
        } else if (character->code < 0x10000) {
            append_unit(out, character->code);
        } else {
            append_unit(out, 0xD800 + ((character->code - 0x10000) >> 10U));
            append_unit(out, 0xDC00 + ((character->code - 0x10000) & 0x3FFU));
        }
        at += length;
    }
    return out;
}

bool means_something_else(const std::string& word) {
    static constexpr std::array words{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
    const std::string lower = in_small_letters(word);
    return std::any_of(words.begin(), words.end(), [&](const char* one) { return lower == one; });
}

/// Whether YAML reads the word as this string without quotes.
bool needs_no_quotes(const std::string& word) {
    if (word.empty() || std::isalpha(static_cast<unsigned char>(word.front())) == 0) return false;
    const bool tame = std::all_of(word.begin(), word.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' ||
               c == '.' || c == '/';
    });
    return tame && !means_something_else(word);
}

std::string scalar(const Json& value) {
    if (value.is_string() && needs_no_quotes(value.get_ref<const std::string&>()))
        return value.get<std::string>();
    if (value.is_structured()) return value.is_array() ? "[]" : "{}";
    return with_escapes(to_line(value));
}

void append_yaml(std::string& out, const Json& value, std::size_t depth);

/// A member's or an item's value, after its key or dash.
void append_value(std::string& out, const Json& value, std::size_t depth, bool after_dash) {
    if (!value.is_structured() || value.empty()) {
        out += " " + scalar(value) + "\n";
        return;
    }
    if (!after_dash) {
        out += "\n";
        return append_yaml(out, value, depth);
    }
    std::string inner;
    append_yaml(inner, value, depth);
    out += " " + inner.substr(2 * depth);
}

void append_yaml(std::string& out, const Json& value, std::size_t depth) {
    const std::string indent(2 * depth, ' ');
    if (value.is_array())
        for (const Json& item : value) {
            out += indent + "-";
            append_value(out, item, depth + 1, true);
        }
    else
        for (const auto& [key, member] : value.items()) {
            out += indent + scalar(key) + ":";
            append_value(out, member, depth + 1, false);
        }
}

}  // namespace

std::string to_plain_text(const Json& value) { return with_escapes(to_text(value)); }

std::string to_plain_line(const Json& value) { return with_escapes(to_line(value)) + "\n"; }

std::string to_yaml(const Json& value) {
    if (!value.is_structured() || value.empty()) return scalar(value) + "\n";
    std::string out;
    append_yaml(out, value, 0);
    return out;
}

}  // namespace patchlab
