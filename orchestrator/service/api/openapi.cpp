// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/openapi.hpp"

#include <algorithm>
#include <map>

#include "orchestrator/operations/listing.hpp"
#include "orchestrator/service/api/page.hpp"
#include "orchestrator/service/api/problem.hpp"
#include "orchestrator/service/api/routes.hpp"
#include "platform/core/text.hpp"
#include "platform/core/version.hpp"

namespace patchlab::service::api {

namespace {

constexpr std::string_view from_prefix = "#/$defs/";
constexpr std::string_view to_prefix = "#/components/schemas/";

/// The definitions of all nouns in one place: what several share stands there once, under its own
/// name; what differs carries its noun.
class Components {
  public:
    /// A copy of `schema` whose references lead into the components; those are added.
    Json moved(const Json& schema, const Json& definitions, const std::string& noun) {
        if (schema.is_array()) {
            Json all = Json::array();
            for (const Json& one : schema) all.push_back(moved(one, definitions, noun));
            return all;
        }
        if (!schema.is_object()) return schema;
        Json out = Json::object();
        for (const auto& [key, value] : schema.items()) {
            if (key == "$schema" || key == "$id" || key == "$defs") continue;
            if (key == "$ref" && value.is_string())
                out[key] =
                    std::string(to_prefix) + added(value.get<std::string>(), definitions, noun);
            else out[key] = moved(value, definitions, noun);
        }
        return out;
    }

    Json all() const { return components_; }
    void add(const std::string& name, Json schema) { components_[name] = std::move(schema); }

  private:
    std::string added(const std::string& reference, const Json& definitions,
                      const std::string& noun) {
        const std::string name = reference.substr(from_prefix.size());
        const Json definition = definitions.at(name);
        std::string key = name;
        const auto known = sources_.find(key);
        if (known != sources_.end() && known->second != definition) key = noun + "." + name;
        const auto again = sources_.find(key);
        if (again != sources_.end()) return key;
        sources_.emplace(key, definition);
        components_[key] = nullptr;  // a definition may refer to itself
        components_[key] = moved(definition, definitions, noun);
        return key;
    }

    std::map<std::string, Json> sources_;
    Json components_ = Json::object();
};

std::string noun_of_route(const Route& route) {
    return std::string(noun_of(route.operation->name));
}

Json parameter(const std::string& name, const char* in, bool required, Json schema,
               const std::string& description) {
    Json out{{"name", name}, {"in", in}, {"required", required}, {"schema", std::move(schema)}};
    if (!description.empty()) out["description"] = description;
    return out;
}

Json page_parameters_of(const Route& route) {
    const auto* listing = operations::listing_of(route.operation->name);
    Json all = Json::array();
    all.push_back(parameter(
        "limit", "query", false,
        {{"type", "integer"}, {"minimum", 1}, {"maximum", largest_page}, {"default", usual_page}},
        "items of a page"));
    all.push_back(parameter("cursor", "query", false, {{"type", "string"}},
                            "next_cursor of the page before"));
    all.push_back(parameter("sort", "query", false, {{"type", "string"}},
                            "a member of the items; with - before it from large to small"));
    if (!listing->time.empty()) {
        for (const char* name : {"since", "until"})
            all.push_back(parameter(name, "query", false, {{"type", "string"}},
                                    "a date, a time, or how long ago (7d)"));
    }
    for (const Member& member : item_members(*route.operation, listing->items)) {
        if (route.member(member.name) || is_page_parameter(member.name)) continue;
        all.push_back(parameter(member.name, "query", false,
                                {{"type", "array"}, {"items", {{"type", "string"}}}},
                                "only items whose " + member.name + " is one of these"));
    }
    return all;
}

bool in_path(const Route& route, const Member& member) { return member.name == route.subject; }

bool is_offered_member(const Route& route, const Member& member) {
    return local_only(route.operation->name, member.name).empty();
}

struct Writer {
    Components components;

    Json definitions;  ///< of the request that is being written

    Json schema_of(const Route& route, const Member& member) {
        return components.moved(member.schema, definitions, noun_of_route(route));
    }

    Json parameters_of(const Route& route) {
        Json all = Json::array();
        for (const Member& member : route.members) {
            if (in_path(route, member)) {
                all.push_back(parameter(member.name, "path", true, schema_of(route, member),
                                        member.description));
                continue;
            }
            if (route.list && is_page_parameter(member.name)) continue;
            const bool told = member.kind != MemberKind::object && !is_upload(member.kind) &&
                              member.kind != MemberKind::output && is_offered_member(route, member);
            if (!route.takes_body() && told)
                all.push_back(parameter(member.name, "query", member.required,
                                        schema_of(route, member), member.description));
        }
        if (route.list)
            for (Json& one : page_parameters_of(route)) all.push_back(std::move(one));
        if (!route.guarded_by.empty())
            all.push_back(parameter("If-Match", "header", true, {{"type", "string"}},
                                    "the ETag of what was seen"));
        if (operations::writes(route.operation->kind))
            all.push_back(parameter("Idempotency-Key", "header", false,
                                    {{"type", "string"}, {"maxLength", 200}},
                                    "the same key and request again get the first response"));
        return all;
    }

    Json body_of(const Route& route) {
        Json as_json{{"type", "object"}, {"properties", Json::object()}};
        Json as_form = as_json;
        Json required = Json::array(), required_of_form = Json::array();
        bool uploads = false;
        for (const Member& member : route.members) {
            if (in_path(route, member) || !is_offered_member(route, member) ||
                member.kind == MemberKind::output)
                continue;
            if (is_upload(member.kind)) {
                uploads = true;
                const Json file{{"type", "string"}, {"format", "binary"}};
                as_form["properties"][member.name] = member.kind == MemberKind::file
                                                         ? file
                                                         : Json{{"type", "array"}, {"items", file}};
            } else {
                const Json schema = schema_of(route, member);
                as_json["properties"][member.name] = schema;
                as_form["properties"][member.name] = schema;
                if (member.required) required.push_back(member.name);
            }
            if (member.required) required_of_form.push_back(member.name);
        }
        for (Json* body : {&as_json, &as_form}) (*body)["additionalProperties"] = false;
        if (!required.empty()) as_json["required"] = required;
        if (!required_of_form.empty()) as_form["required"] = required_of_form;
        Json content = Json::object();
        if (required.size() == required_of_form.size())
            content["application/json"] = {{"schema", as_json}};
        if (uploads) content["multipart/form-data"] = {{"schema", as_form}};
        return {{"required", !required_of_form.empty()}, {"content", content}};
    }

    Json responses_of(const Route& route) {
        const Json binary{{"type", "string"}, {"format", "binary"}};
        const Json whole = operations::response_schema(*route.operation);
        const bool file = route.output() != nullptr;
        const Json schema =
            file ? binary : components.moved(whole, whole.at("$defs"), noun_of_route(route));
        Json content = Json::object();
        content[file ? "application/octet-stream" : "application/json"] = {{"schema", schema}};
        if (operations::takes_long(route.operation->kind) && !file)
            content["application/x-ndjson"] = {
                {"schema", {{"description", "one object a line: events, then the response"}}}};
        Json all = Json::object();
        const char* status = route.creates ? "201" : "200";
        all[status] = {{"description", "the response of " + std::string(route.operation->name)},
                       {"content", content}};
        if (route.detaches)
            all["202"] = {{"description", "it goes on; Location says where to look"},
                          {"content", {{"application/json", {{"schema", schema}}}}}};
        const Json problem{{"$ref", "#/components/responses/problem"}};
        for (const char* code : {"400", "401", "403", "404", "409", "422"}) all[code] = problem;
        if (!route.guarded_by.empty())
            for (const char* code : {"412", "428"}) all[code] = problem;
        all["default"] = problem;
        return all;
    }

    Json operation_of(const Route& route) {
        definitions = operations::request_schema(*route.operation).at("$defs");
        Json operation{{"operationId", route.operation->name},
                       {"summary", route.operation->summary},
                       {"tags", {noun_of_route(route)}}};
        Json roles = Json::array();
        for (const auto role : route.operation->access.any_of)
            roles.push_back(governance::name(role));
        if (!roles.empty()) operation["x-patchlab-roles"] = roles;
        operation["parameters"] = parameters_of(route);
        if (route.takes_body()) operation["requestBody"] = body_of(route);
        operation["responses"] = responses_of(route);
        return operation;
    }
};

Json problem_schema() {
    const Json text{{"type", "string"}};
    return {{"type", "object"},
            {"required", {"type", "title", "status", "detail", "code"}},
            {"properties",
             {{"type", text},
              {"title", text},
              {"status", {{"type", "integer"}}},
              {"detail", text},
              {"code", text},
              {"advice", {{"type", {"string", "null"}}}}}}};
}

Json stream_of_events() {
    return {{"get",
             {{"operationId", "event.stream"},
              {"summary", "What happens, as server-sent events; Last-Event-ID resumes"},
              {"tags", {"event"}},
              {"responses",
               {{"200",
                 {{"description", "events, and a comment every 15 seconds"},
                  {"content", {{"text/event-stream", {{"schema", {{"type", "string"}}}}}}}}},
                {"default", {{"$ref", "#/components/responses/problem"}}}}}}}};
}

Json badge_of_run() {
    Json operation{{"operationId", "run.badge"},
                   {"summary", "The verdict of a run as a small picture"},
                   {"tags", {"run"}}};
    operation["parameters"].push_back(parameter("run", "path", true, {{"type", "string"}}, ""));
    operation["responses"]["200"] = {
        {"description", "the picture"},
        {"content", {{"image/svg+xml", {{"schema", {{"type", "string"}}}}}}}};
    operation["responses"]["default"] = {{"$ref", "#/components/responses/problem"}};
    Json path = Json::object();
    path["get"] = std::move(operation);
    return path;
}

}  // namespace

Json openapi() {
    Writer writer;
    Json paths = Json::object();
    for (const Route& route : routes())
        paths[route.path][in_small_letters(route.method)] = writer.operation_of(route);
    paths[std::string(base) + "/stream"] = stream_of_events();
    paths[std::string(base) + "/runs/{run}/badge.svg"] = badge_of_run();
    writer.components.add("problem", problem_schema());
    const Json problem{
        {"description", "what went wrong, and what to do about it"},
        {"content",
         {{std::string(problem_type), {{"schema", {{"$ref", "#/components/schemas/problem"}}}}}}}};
    Json security = Json::array();
    security.push_back({{"token", Json::array()}});
    security.push_back({{"session", Json::array()}});
    return {
        {"openapi", "3.1.0"},
        {"info",
         {{"title", "patchlab"},
          {"version", version},
          {"description", "Every operation of patchlab. Generated from the table of operations."},
          {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
        {"servers", {{{"url", "/"}}}},
        {"security", security},
        {"paths", paths},
        {"components",
         {{"schemas", writer.components.all()},
          {"responses", {{"problem", problem}}},
          {"securitySchemes",
           {{"token", {{"type", "http"}, {"scheme", "bearer"}}},
            {"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "__Host-patchlab"}}}}}}}};
}

}  // namespace patchlab::service::api
