// SPDX-License-Identifier: Apache-2.0
#include "platform/core/json_reader.hpp"

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab {

JsonReader::JsonReader(const Json& value, std::string where, std::string path)
    : value_(&value), where_(std::move(where)), path_(std::move(path)) {
    if (!value.is_object())
        throw Error(ErrorCode::invalid,
                    where_ + ": " + (path_.empty() ? "/" : path_) + ": must be an object");
}

void JsonReader::fail(std::string_view key, std::string_view why) const {
    throw Error(ErrorCode::invalid,
                where_ + ": " + path_ + "/" + std::string(key) + ": " + std::string(why));
}

void JsonReader::expect_schema(std::string_view schema) const {
    const std::string found = string("schema");
    if (found != schema)
        fail("schema", "is '" + found + "', expected '" + std::string(schema) + "'");
}

bool JsonReader::has(std::string_view key) const {
    return value_->contains(key) && !(*value_)[std::string(key)].is_null();
}

const Json& JsonReader::raw(std::string_view key) const {
    const auto it = value_->find(std::string(key));
    if (it == value_->end()) fail(key, "is missing");
    return *it;
}

std::string JsonReader::string(std::string_view key) const {
    const Json& value = raw(key);
    if (!value.is_string()) fail(key, "must be a string");
    return value.get<std::string>();
}

std::string JsonReader::string_or(std::string_view key, std::string fallback) const {
    return has(key) ? string(key) : std::move(fallback);
}

std::int64_t JsonReader::integer(std::string_view key) const {
    const Json& value = raw(key);
    if (!value.is_number_integer()) fail(key, "must be a whole number");
    if (value.is_number_unsigned() &&
        value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
        fail(key, "is too large");
    return value.get<std::int64_t>();
}

std::int64_t JsonReader::integer_or(std::string_view key, std::int64_t fallback) const {
    return has(key) ? integer(key) : fallback;
}

double JsonReader::number(std::string_view key) const {
    const Json& value = raw(key);
    if (!value.is_number()) fail(key, "must be a number");
    return value.get<double>();
}

double JsonReader::number_or(std::string_view key, double fallback) const {
    return has(key) ? number(key) : fallback;
}

bool JsonReader::boolean(std::string_view key) const {
    const Json& value = raw(key);
    if (!value.is_boolean()) fail(key, "must be true or false");
    return value.get<bool>();
}

bool JsonReader::boolean_or(std::string_view key, bool fallback) const {
    return has(key) ? boolean(key) : fallback;
}

std::vector<std::string> JsonReader::strings(std::string_view key) const {
    const Json& value = raw(key);
    if (!value.is_array()) fail(key, "must be a list of strings");
    std::vector<std::string> out;
    for (const Json& item : value) {
        if (!item.is_string()) fail(key, "must be a list of strings");
        out.push_back(item.get<std::string>());
    }
    return out;
}

std::vector<std::string> JsonReader::strings_or_empty(std::string_view key) const {
    return has(key) ? strings(key) : std::vector<std::string>{};
}

JsonReader JsonReader::object(std::string_view key) const {
    return JsonReader(raw(key), where_, path_ + "/" + std::string(key));
}

std::vector<JsonReader> JsonReader::objects(std::string_view key) const {
    const Json& value = raw(key);
    if (!value.is_array()) fail(key, "must be a list");
    std::vector<JsonReader> out;
    for (std::size_t i = 0; i < value.size(); ++i)
        out.emplace_back(value[i], where_,
                         path_ + "/" + std::string(key) + "/" + std::to_string(i));
    return out;
}

}  // namespace patchlab
