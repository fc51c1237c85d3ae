// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <mutex>

#include "operation_schemas.hpp"
#include "orchestrator/operations/listing.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

std::vector<Operation> all_rows() {
    std::vector<Operation> rows;
    for (const auto& of_noun : {host_operations(),
                                gc_operations(),
                                image_operations(),
                                lab_operations(),
                                patch_operations(),
                                patch_rank_operations(),
                                feed_operations(),
                                run_operations(),
                                campaign_operations(),
                                watch_operations(),
                                snapshot_operations(),
                                evidence_operations(),
                                evidence_export_operations(),
                                policy_operations(),
                                decision_operations(),
                                change_operations(),
                                user_operations(),
                                login_operations(),
                                token_operations(),
                                key_operations(),
                                node_operations(),
                                audit_operations(),
                                event_operations(),
                                metrics_operations(),
                                overview_operations(),
                                management_operations(),
                                backup_operations(),
                                catalog_operations(),
                                catalog_change_operations(),
                                inventory_operations(),
                                inventory_source_operations(),
                                inventory_need_operations(),
                                notify_operations(),
                                rollout_operations(),
                                rollout_change_operations()})
        rows.insert(rows.end(), of_noun.begin(), of_noun.end());
    return rows;
}

constexpr std::string_view definitions_at = "#/$defs/";

/// Parsed once in a process: each call of an operation asks for them.
const Json& definitions_of(const std::string& file) {
    static std::mutex mutex;
    static std::map<std::string, Json> parsed;
    const std::lock_guard lock(mutex);
    const auto known = parsed.find(file);
    if (known != parsed.end()) return known->second;
    const std::string_view text = embedded::operation_schemas::file(file);
    if (text.empty())
        throw Error(ErrorCode::internal, "there is no schema file operations/schema/" + file);
    return parsed.emplace(file, parse_json(text, file).at("$defs")).first->second;
}

/// The definitions of the noun and those that all nouns share, entered at one of them.
Json schema_of(const Operation& operation, const std::string& which) {
    const std::string noun(operation.name.substr(0, operation.name.find('.')));
    Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                {"$ref", "#/$defs/" + std::string(operation.name) + "." + which},
                {"$defs", definitions_of("common.json")}};
    const Json& of_noun = definitions_of(noun + ".json");
    for (const auto& [name, definition] : of_noun.items()) schema["$defs"][name] = definition;
    return schema;
}

}  // namespace

Access anyone() { return {}; }

Access every_user() {
    Access access;
    access.known = access.personal = true;
    return access;
}

Access lab_staff(std::string_view to_do) {
    return {{governance::Role::tester, governance::Role::admin}, to_do};
}

Access administrators(std::string_view to_do) { return {{governance::Role::admin}, to_do}; }

std::span<const Operation> operations() {
    static const std::vector<Operation> table = all_rows();
    return table;
}

const Operation* find(std::string_view name) {
    const auto table = operations();
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const Operation& row) { return row.name == name; });
    return found == table.end() ? nullptr : &*found;
}

Json request_schema(const Operation& operation) {
    Json schema = schema_of(operation, "request");
    if (listing_of(operation.name)) permit_filter(schema, std::string(operation.name) + ".request");
    return schema;
}
Json response_schema(const Operation& operation) { return schema_of(operation, "response"); }

std::vector<FileMember> file_members(const Operation& operation) {
    const Json schema = schema_of(operation, "request");
    const Json& all = schema.at("$defs");
    const Json* request = &all.at(std::string(operation.name) + ".request");
    while (request->contains("$ref"))
        request = &all.at(request->at("$ref").get<std::string>().substr(definitions_at.size()));
    std::vector<FileMember> found;
    if (!request->contains("properties")) return found;
    for (const auto& [key, property] : request->at("properties").items()) {
        const bool many = property.contains("items");
        const std::string kind = (many ? property.at("items") : property).value("$ref", "");
        const bool written = kind == "#/$defs/host_output";
        if (written || kind == "#/$defs/host_path") found.push_back({key, many, written});
    }
    return found;
}

}  // namespace patchlab::operations
