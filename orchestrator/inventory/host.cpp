// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/host.hpp"

#include <algorithm>

namespace patchlab::inventory {

namespace {

bool letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool valid_name(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest && letter_or_digit(text[0]) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return letter_or_digit(c) || c == '.' || c == '-'; });
}

}  // namespace

Json description(const Host& host) {
    Json json{{"name", host.name},
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
    if (host.exposed) json["exposed"] = std::string(name(*host.exposed));
    return json;
}

Json to_json(const Host& host) {
    Json json = description(host);
    json["exposed"] = host.exposed ? Json(std::string(name(*host.exposed))) : Json(nullptr);
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
