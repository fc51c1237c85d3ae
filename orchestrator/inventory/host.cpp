// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/host.hpp"

#include <algorithm>
#include <array>

namespace patchlab::inventory {

namespace {

constexpr std::array<std::pair<Criticality, std::string_view>, 3> criticality_words{
    {{Criticality::business_operational, "business-operational"},
     {Criticality::business_critical, "business-critical"},
     {Criticality::mission_critical, "mission-critical"}}};

bool letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool valid_name(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest && letter_or_digit(text[0]) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return letter_or_digit(c) || c == '.' || c == '-'; });
}

}  // namespace

std::string_view name(Criticality criticality) {
    for (const auto& [value, word] : criticality_words)
        if (value == criticality) return word;
    return "mission-critical";
}

std::optional<Criticality> criticality_from(std::string_view word) {
    std::string dashed(word);
    std::replace(dashed.begin(), dashed.end(), '_', '-');
    for (const auto& [value, known] : criticality_words)
        if (known == dashed) return value;
    return std::nullopt;
}

Json description(const Host& host) {
    return {{"name", host.name},
            {"criticality",
             host.criticality ? Json(std::string(name(*host.criticality))) : Json(nullptr)},
            {"groups", host.groups},
            {"owners", host.owners},
            {"location", host.location},
            {"function", host.function},
            {"window", host.window},
            {"image", host.image},
            {"tags", host.tags},
            {"variables", host.variables}};
}

Json to_json(const Host& host) {
    Json json = description(host);
    json["counts_as"] = std::string(name(host.counts_as()));
    json["source"] = host.source;
    json["imported"] = host.imported;
    json["gone"] = host.gone.empty() ? Json(nullptr) : Json(host.gone);
    return json;
}

bool valid_host_name(std::string_view text) {
    return valid_name(text, 200) && text != "all" && text != "ungrouped";
}

bool valid_group_name(std::string_view text) { return valid_name(text, 100); }

void tidy(std::vector<std::string>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace patchlab::inventory
