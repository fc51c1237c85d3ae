// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/uniform.hpp"

#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace patchlab::operations {

namespace {

/// Older names of a moment, and the one that holds everywhere.
constexpr std::array<std::pair<const char*, const char*>, 13> moments{{
    {"created", "created_at"},
    {"added", "created_at"},
    {"requested", "created_at"},
    {"time", "occurred_at"},
    {"started", "started_at"},
    {"finished", "finished_at"},
    {"changed", "changed_at"},
    {"removed", "removed_at"},
    {"retired", "retired_at"},
    {"scanned", "scanned_at"},
    {"tried", "tried_at"},
    {"gone", "gone_at"},
    {"expires", "expires_at"},
}};

/// Sealed or signed elsewhere: a digest or a signature is over these very members.
bool is_sealed(const Json& document) {
    static const std::set<std::string> schemas{"patchlab/run/v1", "patchlab/ruling/v1",
                                               "patchlab/entry/v1"};
    const auto schema = document.find("schema");
    return schema != document.end() && schema->is_string() &&
           schemas.contains(schema->get<std::string>());
}

/// Members whose own members are other people's words.
bool is_foreign(const std::string& key) {
    static const std::set<std::string> keys{"detail",  "details", "variables", "definition",
                                            "answers", "tags",    "evidence"};
    return keys.contains(key);
}

/// "2026-11-30T01:23:45Z". The same word may be a number or a list elsewhere ("removed").
bool is_moment(const Json& value) {
    if (!value.is_string()) return false;
    const std::string& text = value.get_ref<const std::string&>();
    return text.size() >= 20 && text[4] == '-' && text[10] == 'T' && text.back() == 'Z';
}

void add_names(Json& object) {
    std::vector<std::pair<std::string, Json>> added;
    for (const auto& [old, uniform] : moments) {
        const auto found = object.find(old);
        if (found == object.end() || object.contains(uniform)) continue;
        if (is_moment(*found)) added.emplace_back(uniform, *found);
        else if (found->is_null()) added.emplace_back(uniform, nullptr);
    }
    if (const auto hosts = object.find("hosts");
        hosts != object.end() && hosts->is_number_integer())
        added.emplace_back("host_count", *hosts);
    for (auto& [name, value] : added)
        if (!object.contains(name)) object[name] = std::move(value);
}

}  // namespace

void add_uniform_names(Json& response) {
    if (!response.is_structured() || (response.is_object() && is_sealed(response))) return;
    if (response.is_object()) add_names(response);
    for (auto member = response.begin(); member != response.end(); ++member)
        if (response.is_array() || !is_foreign(member.key())) add_uniform_names(*member);
}

}  // namespace patchlab::operations
