// SPDX-License-Identifier: Apache-2.0
//
// Policies and services of the message bus, actions of polkit: whose messages are let through, who
// answers to a name, what may be done without a password.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "snapshots/entries.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

/// <allow own="org.acme.Agent"/>
struct Tag {
    std::string name;
    std::map<std::string, std::string> attributes;
    std::string text;  ///< as it stands there
};

std::string without_comments(std::string_view text) {
    std::string out;
    while (true) {
        const std::size_t start = text.find("<!--");
        out += text.substr(0, start);
        if (start == std::string_view::npos) return out;
        const std::size_t end = text.find("-->", start);
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end + 3);
    }
}

std::map<std::string, std::string> attributes_in(std::string_view text) {
    std::map<std::string, std::string> attributes;
    while (true) {
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) return attributes;
        std::string key;
        for (const char c : text.substr(0, equals))
            if (std::isspace(static_cast<unsigned char>(c)) == 0) key += c;
        const std::size_t open = text.find_first_of("\"'", equals);
        if (open == std::string_view::npos) return attributes;
        const std::size_t close = text.find(text[open], open + 1);
        if (close == std::string_view::npos) return attributes;
        attributes[key] = text.substr(open + 1, close - open - 1);
        text.remove_prefix(close + 1);
    }
}

/// Opening tags; what is between them is left out.
std::vector<Tag> tags_of(std::string_view document) {
    const std::string text = without_comments(document);
    std::vector<Tag> tags;
    for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
        const std::size_t end = text.find('>', at);
        if (end == std::string::npos) break;
        const std::string inner = text.substr(at + 1, end - at - 1);
        if (inner.empty() || inner[0] == '/' || inner[0] == '!' || inner[0] == '?') continue;
        const std::size_t name = inner.find_first_of(" \t\r\n/");
        tags.push_back({inner.substr(0, name),
                        name == std::string::npos ? std::map<std::string, std::string>()
                                                  : attributes_in(inner.substr(name)),
                        text.substr(at, end - at + 1)});
    }
    return tags;
}

/// "org.acme.Agent" of org.acme.Agent.conf: by the convention, the name that the file is about.
std::string_view stem_of_file(std::string_view path) {
    const std::string_view name = file_name(path);
    return name.substr(0, name.rfind('.'));
}

bool is_below_name(std::string_view name, std::string_view stem) {
    return name == stem || (name.starts_with(stem) && name[stem.size()] == '.');
}

/// A name on the bus that is the package's: one of its parts is a name of the package, or the file
/// is called after it, which in the vendor's folder only one package can do.
bool is_own_bus_name(std::string_view name, std::string_view path, const Belongings& own) {
    if (name.empty() || name.find('*') != std::string_view::npos) return false;
    const std::string_view stem = stem_of_file(path);
    const bool telling = std::count(stem.begin(), stem.end(), '.') >= 2;
    if (telling && is_below_name(name, stem) && path.starts_with("/usr/share/")) return true;
    while (!name.empty()) {
        std::string part(name.substr(0, name.find('.')));
        name.remove_prefix(std::min(name.size(), part.size() + 1));
        std::transform(part.begin(), part.end(), part.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (own.is_named_like_own(part)) return true;
    }
    return false;
}

/// Which service a rule of a policy is about; empty: about all.
std::string service_of(const Tag& rule) {
    for (const char* key :
         {"own", "own_prefix", "send_destination", "send_destination_prefix", "receive_sender"})
        if (const auto found = rule.attributes.find(key); found != rule.attributes.end())
            return found->second;
    return {};
}

std::string concern_of_rule(const Tag& tag, const Entry& entry, const Belongings& own) {
    if (tag.name == "busconfig" || tag.name == "policy") return {};
    if (tag.name != "allow" && tag.name != "deny")
        return "configures the message bus itself: " + tag.text;
    if (tag.attributes.contains("eavesdrop") && tag.name == "allow")
        return "lets others listen on the bus: " + tag.text;
    const std::string service = service_of(tag);
    if (service.empty()) {
        const bool only_receives = std::all_of(
            tag.attributes.begin(), tag.attributes.end(),
            [](const auto& attribute) { return attribute.first.starts_with("receive_"); });
        return only_receives && tag.name == "allow" ? std::string()
                                                    : "rules over every service: " + tag.text;
    }
    return is_own_bus_name(service, entry.path, own)
               ? std::string()
               : "rules over the service " + service + ": " + tag.text;
}

/// The lines KEY=VALUE of a service file.
std::map<std::string, std::string> keys_of(std::string_view text) {
    std::map<std::string, std::string> keys;
    for (const std::string& line : fresh_lines({{}, text, {}})) {
        const std::size_t equals = line.find('=');
        if (equals != std::string::npos) keys[line.substr(0, equals)] = line.substr(equals + 1);
    }
    return keys;
}

std::set<std::string> texts_of_tags(std::string_view document) {
    std::set<std::string> texts;
    for (const Tag& tag : tags_of(document)) texts.insert(tag.text);
    return texts;
}

/// What stands between a tag and its end: "yes" of <allow_any>yes</allow_any>.
bool allows_at_once(std::string_view text, std::string_view tag) {
    const std::string open = "<" + std::string(tag) + ">";
    for (std::size_t at = text.find(open); at != std::string_view::npos;
         at = text.find(open, at + 1)) {
        std::string_view value = text.substr(at + open.size());
        value = value.substr(0, value.find('<'));
        const std::size_t start = value.find_first_not_of(" \t\r\n");
        if (start != std::string_view::npos && value.substr(start).starts_with("yes")) return true;
    }
    return false;
}

}  // namespace

std::vector<std::string> concerns_of_bus_policy(const Entry& entry, const Belongings& own) {
    const std::set<std::string> known = texts_of_tags(entry.old_text);
    std::vector<std::string> concerns;
    for (const Tag& tag : tags_of(entry.text)) {
        if (known.contains(tag.text)) continue;
        if (std::string concern = concern_of_rule(tag, entry, own); !concern.empty())
            concerns.push_back(std::move(concern));
    }
    return concerns;
}

std::vector<std::string> concerns_of_bus_service(const Entry& entry, const Belongings& own) {
    if (fresh_lines(entry).empty()) return {};
    const auto keys = keys_of(entry.text);
    const auto value = [&](const char* key) {
        const auto found = keys.find(key);
        return found == keys.end() ? std::string() : found->second;
    };
    std::vector<std::string> concerns;
    if (!is_own_bus_name(value("Name"), entry.path, own))
        concerns.push_back("answers to the name " + value("Name") + " on the bus");
    const std::string unit = value("SystemdService");
    if (!unit.empty() && !own.has_unit(unit) && !unit.starts_with("dbus-"))
        concerns.push_back("starts " + unit + " on request");
    return concerns;
}

std::vector<std::string> concerns_of_polkit_actions(const Entry& entry, const Belongings& own) {
    std::vector<std::string> concerns;
    const std::set<std::string> known = texts_of_tags(entry.old_text);
    const std::string text = without_comments(entry.text);
    const std::string old_text = without_comments(entry.old_text);
    for (const Tag& tag : tags_of(text)) {
        if (tag.name != "action" || known.contains(tag.text)) continue;
        const auto id = tag.attributes.find("id");
        if (id == tag.attributes.end() || !is_own_bus_name(id->second, entry.path, own))
            concerns.push_back("defines the action " + tag.text + " of another program");
    }
    for (const char* who : {"allow_any", "allow_inactive", "allow_active"})
        if (allows_at_once(text, who) && !allows_at_once(old_text, who))
            concerns.push_back(std::string("lets an action happen without a password (") + who +
                               ")");
    return concerns;
}

}  // namespace patchlab::snapshots
