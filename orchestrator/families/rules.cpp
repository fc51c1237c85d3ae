// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rules.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/yaml.hpp"
#include "rules_files.hpp"

namespace patchlab::families {

using snapshots::AttributionRules;
using snapshots::EffectRule;
using snapshots::EntryLanguage;
using snapshots::Need;
using snapshots::SearchPath;
using snapshots::Shown;

namespace {

constexpr int most_depth = 8;  ///< of folders, as the schema has it

EffectRule effect_from(const Json& item) {
    EffectRule rule;
    rule.glob = item.at("path").get<std::string>();
    rule.why = item.at("why").get<std::string>();
    rule.removal = item.value("removal", false);
    rule.lasting = item.value("lasting", true);
    rule.stamps = item.value("stamps", std::vector<std::string>());
    for (const auto& [key, need] :
         {std::pair{"ships", Need::ships}, {"script", Need::script}, {"trigger", Need::trigger}})
        if (item.contains(key)) {
            rule.need = need;
            rule.detail = item.at(key).get<std::string>();
        }
    return rule;
}

template <typename Value, std::size_t count>
Value word_in(const std::array<std::pair<std::string_view, Value>, count>& words,
              const std::string& text) {
    for (const auto& [word, value] : words)
        if (word == text) return value;
    throw Error(ErrorCode::invalid, "'" + text + "' is no word of the rules");
}

constexpr std::array<std::pair<std::string_view, Shown>, 4> shown_words{
    {{"never", Shown::never},
     {"new", Shown::fresh},
     {"foreign", Shown::foreign},
     {"changed", Shown::changed}}};

constexpr std::array<std::pair<std::string_view, EntryLanguage>, 9> languages{
    {{"none", EntryLanguage::none},
     {"tmpfiles", EntryLanguage::tmpfiles},
     {"sysusers", EntryLanguage::sysusers},
     {"udev", EntryLanguage::udev},
     {"bus-policy", EntryLanguage::bus_policy},
     {"bus-service", EntryLanguage::bus_service},
     {"polkit-actions", EntryLanguage::polkit_actions},
     {"rotation", EntryLanguage::rotation},
     {"settings", EntryLanguage::settings}}};

std::vector<std::string> texts_of(const Json& item, const char* key) {
    return item.contains(key) ? item.at(key).get<std::vector<std::string>>()
                              : std::vector<std::string>();
}

SearchPath search_path_from(const Json& item) {
    SearchPath path;
    path.family = item.at("family").get<std::string>();
    path.reader = item.at("reader").get<std::string>();
    path.folders = texts_of(item, "folders");
    path.names = item.value("names", "*");
    path.first_wins = item.value("match", "all") == "first";
    path.has_drop_ins = item.value("drop_ins", false);
    path.depth = item.value("depth", 0);
    path.shown = word_in(shown_words, item.value("shown", "new"));
    path.language = word_in(languages, item.value("entries", "none"));
    path.home = texts_of(item, "home");
    return path;
}

/// The short form: a pattern of files that somebody else reads.
SearchPath drop_ins_from(const Json& item) {
    const std::string glob = item.at("path").get<std::string>();
    const std::size_t slash = glob.rfind('/');
    SearchPath path;
    path.family = "drop-ins";
    path.reader = "another program";
    path.folders = {glob.substr(0, slash)};
    path.names = glob.substr(slash + 1);
    path.depth = most_depth;
    if (item.contains("home")) path.home = {item.at("home").get<std::string>()};
    return path;
}

template <typename Value>
void append(std::vector<Value>& to, const std::vector<Value>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

AttributionRules rules_from_json(const Json& document) {
    AttributionRules rules;
    static const Json none = Json::array();
    const auto items = [&](const char* key) -> const Json& {
        return document.contains(key) ? document.at(key) : none;
    };
    for (const Json& item : items("effects")) rules.effects.push_back(effect_from(item));
    for (const Json& item : items("storage"))
        rules.storage.push_back({item.at("path").get<std::string>(),
                                 item.at("server").get<std::string>(),
                                 item.value("passing", false)});
    for (const Json& item : items("hooks"))
        rules.hooks.push_back(
            {item.at("path").get<std::string>(), item.at("hook").get<std::string>()});
    for (const Json& item : items("search_paths"))
        rules.search_paths.push_back(search_path_from(item));
    for (const Json& item : items("drop_ins")) rules.search_paths.push_back(drop_ins_from(item));
    rules.manager = document.value("manager", "");
    rules.leftovers = items("leftovers").get<std::vector<std::string>>();
    rules.put_aside = document.value("put_aside", "");
    rules.put_away = document.value("put_away", "");
    rules.records = document.value("records", "");
    rules.alternatives = document.value("alternatives", "");
    rules.keepers = items("keepers").get<std::vector<std::string>>();
    rules.enablers = items("enablers").get<std::vector<std::string>>();
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

namespace {

/// All but the search paths, whose order matters.
void append_rules(AttributionRules& rules, const AttributionRules& more) {
    append(rules.effects, more.effects);
    append(rules.storage, more.storage);
    append(rules.hooks, more.hooks);
    append(rules.leftovers, more.leftovers);
    append(rules.keepers, more.keepers);
    append(rules.enablers, more.enablers);
}

}  // namespace

void add_rules(AttributionRules& rules, const AttributionRules& more) {
    append_rules(rules, more);
    // what a lab says of a place comes first
    rules.search_paths.insert(rules.search_paths.begin(), more.search_paths.begin(),
                              more.search_paths.end());
}

AttributionRules rules_of_family(const std::string& yaml, const std::string& file) {
    Diagnostics diagnostics;
    AttributionRules rules = parse_rules(yaml, file, diagnostics);
    const std::string common(embedded::rules_files::file("linux_rules.yaml"));
    const AttributionRules everywhere =
        parse_rules(common, "families/linux_rules.yaml", diagnostics);
    diagnostics.throw_if_any("the rules of a family of packages");
    append_rules(rules, everywhere);
    append(rules.search_paths, everywhere.search_paths);
    return rules;
}

std::string rules_schema() { return std::string(embedded::rules_files::file("rules.schema.json")); }

}  // namespace patchlab::families
