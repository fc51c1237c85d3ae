// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/members.hpp"

#include <algorithm>

namespace patchlab::service::api {

namespace {

constexpr std::string_view prefix = "#/$defs/";
constexpr std::string_view path_definition = "#/$defs/host_path";
constexpr std::string_view output_definition = "#/$defs/host_output";

bool refers_to(const Json& schema, std::string_view target) {
    const auto ref = schema.find("$ref");
    return ref != schema.end() && *ref == target;
}

bool is_of_paths(const Json& whole) {
    const auto items = whole.find("items");
    return items != whole.end() && refers_to(*items, path_definition);
}

/// "string" of {"type": ["string", "null"]}; empty for what has no type of its own.
std::string type_of(const Json& schema) {
    const auto type = schema.find("type");
    if (type == schema.end()) return schema.contains("enum") ? "string" : "";
    if (type->is_string()) return type->get<std::string>();
    for (const Json& one : *type)
        if (one != "null") return one.get<std::string>();
    return "";
}

/// `whole`: the schema, its $ref followed.
MemberKind kind_of(const Json& schema, const Json& whole, const Json& definitions) {
    if (refers_to(schema, path_definition)) return MemberKind::file;
    if (refers_to(schema, output_definition)) return MemberKind::output;
    const std::string type = type_of(whole);
    if (type == "string") return MemberKind::text;
    if (type == "integer") return MemberKind::integer;
    if (type == "number") return MemberKind::number;
    if (type == "boolean") return MemberKind::boolean;
    if (type != "array") return MemberKind::object;
    if (is_of_paths(whole)) return MemberKind::files;
    const auto items = whole.find("items");
    if (items == whole.end()) return MemberKind::object;
    return type_of(resolved(*items, definitions)) == "string" ? MemberKind::texts
                                                              : MemberKind::object;
}

std::string description_of(const Json& schema, const Json& whole) {
    for (const Json* one : {&schema, &whole})
        if (const auto found = one->find("description"); found != one->end())
            return found->get<std::string>();
    return {};
}

std::vector<Member> members_in(const Json& object, const Json& definitions) {
    std::vector<Member> members;
    const auto properties = object.find("properties");
    if (properties == object.end()) return members;
    const Json required = object.value("required", Json::array());
    for (const auto& [name, schema] : properties->items()) {
        const bool needed = std::find(required.begin(), required.end(), name) != required.end();
        const Json whole = resolved(schema, definitions);
        members.push_back({name, kind_of(schema, whole, definitions), needed,
                           description_of(schema, whole), schema});
    }
    return members;
}

}  // namespace

Json resolved(const Json& schema, const Json& definitions) {
    Json at = schema;
    for (int steps = 0; at.is_object() && at.contains("$ref") && steps < 16; ++steps) {
        const std::string target = at.at("$ref").get<std::string>();
        Json next = definitions.value(target.substr(prefix.size()), Json::object());
        at = std::move(next);
    }
    return at;
}

std::vector<Member> members_of(const operations::Operation& operation) {
    const Json schema = operations::request_schema(operation);
    return members_in(resolved(schema, schema.at("$defs")), schema.at("$defs"));
}

std::vector<Member> item_members(const operations::Operation& list, std::string_view items) {
    const Json schema = operations::response_schema(list);
    const Json& definitions = schema.at("$defs");
    const Json response = resolved(schema, definitions);
    const Json properties = response.value("properties", Json::object());
    const Json listed = resolved(properties.value(std::string(items), Json::object()), definitions);
    return members_in(resolved(listed.value("items", Json::object()), definitions), definitions);
}

}  // namespace patchlab::service::api
