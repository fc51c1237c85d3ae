// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rules.hpp"

#include <iterator>

#include "platform/core/json.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/yaml.hpp"
#include "rules_files.hpp"

namespace patchlab::families {

using snapshots::AttributionRules;
using snapshots::EffectRule;
using snapshots::Need;

namespace {

EffectRule effect_from(const Json& item) {
    EffectRule rule;
    rule.glob = item.at("path").get<std::string>();
    rule.why = item.at("why").get<std::string>();
    rule.removal = item.value("removal", false);
    rule.lasting = item.value("lasting", true);
    for (const auto& [key, need] :
         {std::pair{"ships", Need::ships}, {"script", Need::script}, {"trigger", Need::trigger}})
        if (item.contains(key)) {
            rule.need = need;
            rule.detail = item.at(key).get<std::string>();
        }
    return rule;
}

template <typename Value>
void append(std::vector<Value>& to, const std::vector<Value>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

AttributionRules rules_from_json(const Json& document) {
    AttributionRules rules;
    const auto items = [&](const char* key) {
        return document.contains(key) ? document.at(key) : Json::array();
    };
    for (const Json& item : items("effects")) rules.effects.push_back(effect_from(item));
    for (const Json& item : items("storage"))
        rules.storage.push_back({item.at("path").get<std::string>(),
                                 item.at("server").get<std::string>(),
                                 item.value("passing", false)});
    for (const Json& item : items("hooks"))
        rules.hooks.push_back(
            {item.at("path").get<std::string>(), item.at("hook").get<std::string>()});
    for (const Json& item : items("drop_ins"))
        rules.drop_ins.push_back({item.at("path").get<std::string>(), item.value("home", "")});
    rules.manager = document.value("manager", "");
    rules.leftovers = items("leftovers").get<std::vector<std::string>>();
    rules.records = document.value("records", "");
    rules.alternatives = document.value("alternatives", "");
    rules.keepers = items("keepers").get<std::vector<std::string>>();
    return rules;
}

AttributionRules parse_rules(const std::string& yaml, const std::string& file,
                             Diagnostics& diagnostics) {
    static const Schema schema(rules_schema());
    Diagnostics own;
    const YamlDocument document = parse_yaml(yaml, file, own);
    if (own.ok()) schema.check(document, own);
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return own.ok() ? rules_from_json(document.value) : AttributionRules();
}

void add_rules(AttributionRules& rules, const AttributionRules& more) {
    append(rules.effects, more.effects);
    append(rules.storage, more.storage);
    append(rules.hooks, more.hooks);
    append(rules.drop_ins, more.drop_ins);
    append(rules.leftovers, more.leftovers);
    append(rules.keepers, more.keepers);
}

std::string rules_schema() { return std::string(embedded::rules_files::file("rules.schema.json")); }

}  // namespace patchlab::families
