// SPDX-License-Identifier: Apache-2.0
//
// How units run, and whose doing it is: a unit's settings belong to who ships the unit, or what
// amends it, and so do the terms of the processes that it starts, whoever ships their program.
#include <algorithm>
#include <array>
#include <map>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

/// "nginx.service" of "nginx.service.d", for a drop-in of a unit; empty for another path.
std::string_view amended_unit(std::string_view path) {
    const std::string_view folder = folder_of(path);
    const bool of_units = matches("*/systemd/system/*.d", folder) ||
                          matches("*/systemd/user/*.d", folder) ||
                          matches("*/systemd/system.control/*.d", folder);
    if (!of_units) return {};
    const std::string_view name = file_name(folder);
    return name.substr(0, name.size() - 2);
}

/// The names whose drop-ins amend a unit: "a-b@c.service", "a-b@.service", "a-.service", "service".
std::vector<std::string> amending_names(std::string_view unit) {
    std::vector<std::string> names{std::string(unit)};
    const std::size_t dot = unit.rfind('.');
    if (dot == std::string_view::npos) return names;
    const std::string type(unit.substr(dot));
    if (const std::size_t at = unit.find('@'); at < dot)
        names.push_back(std::string(unit.substr(0, at + 1)) + type);
    for (std::size_t dash = unit.find('-'); dash < dot; dash = unit.find('-', dash + 1))
        names.push_back(std::string(unit.substr(0, dash + 1)) + type);
    names.push_back(type.substr(1));
    return names;
}

using Settings = std::map<std::string, std::string>;

Settings settings_of(const std::optional<State>& state) {
    const auto* told = state_as<UnitSettings>(state);
    return told == nullptr ? Settings() : Settings(told->settings.begin(), told->settings.end());
}

/// How much a switch of the sandbox holds back; -1: it is no switch.
int strength(std::string_view value) {
    constexpr std::array<std::pair<std::string_view, int>, 14> words{{{"", 0},
                                                                      {"no", 0},
                                                                      {"false", 0},
                                                                      {"off", 0},
                                                                      {"0", 0},
                                                                      {"yes", 2},
                                                                      {"true", 2},
                                                                      {"on", 2},
                                                                      {"1", 2},
                                                                      {"read-only", 2},
                                                                      {"tmpfs", 3},
                                                                      {"full", 3},
                                                                      {"strict", 4},
                                                                      {"invisible", 3}}};
    for (const auto& [word, rank] : words)
        if (word == value) return rank;
    return -1;
}

bool is_any_of(std::string_view key, std::initializer_list<std::string_view> keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool is_root(std::string_view user) { return user.empty() || user == "root" || user == "0"; }

/// Whether a setting that was so and is so now lets the unit do more, or as somebody else.
bool lets_do_more(const std::string& key, const std::string& before, const std::string& after) {
    if (before == after) return false;
    if (is_any_of(key, {"User", "Group"})) return !is_root(before) || is_root(after);
    if (is_any_of(key, {"AmbientCapabilities", "SupplementaryGroups", "BindPaths", "Delegate"}))
        return !after.empty();
    // these name what is allowed: other ones may be more
    if (is_any_of(key, {"DeviceAllow", "IPAddressAllow", "SocketMode", "SocketUser", "SocketGroup",
                        "PAMName", "UMask", "DynamicUser"}))
        return !before.empty() && !after.empty();
    const int then = strength(before), now = strength(after);
    if (then >= 0 && now >= 0) return now < then;
    return !before.empty();  // a list that is shorter, longer or gone
}

std::string concern_of_rights(const std::string& unit, const Settings& before,
                              const Settings& after) {
    Settings keys = before;
    keys.insert(after.begin(), after.end());
    std::string text;
    for (const auto& [key, value] : keys) {
        const auto then = before.find(key), now = after.find(key);
        const std::string was = then == before.end() ? "" : then->second;
        const std::string is = now == after.end() ? "" : now->second;
        if (!lets_do_more(key, was, is)) continue;
        text += text.empty() ? unit + " may do more: " : ", ";
        text += key + "=" + is + (was.empty() ? "" : " instead of " + was);
    }
    return text;
}

/// The programs that a unit starts: "/usr/sbin/nginx" of "-/usr/sbin/nginx -g … ;; …".
std::set<std::string> programs_of(const Settings& commands) {
    std::set<std::string> programs;
    for (const auto& [key, value] : commands) {
        if (!key.starts_with("ExecStart")) continue;
        std::string_view rest = value;
        while (true) {
            const std::size_t end = rest.find(" ;; ");
            std::string_view command = rest.substr(0, end);
            const std::size_t start = command.find_first_not_of("-@:+!");
            if (start != std::string_view::npos) command.remove_prefix(start);
            command = command.substr(0, command.find(' '));
            if (!command.empty()) programs.emplace(file_name(command));
            if (end == std::string_view::npos) break;
            rest.remove_prefix(end + 4);
        }
    }
    return programs;
}

/// The programs of a unit as it was before or is now.
std::set<std::string> programs_of_unit(const std::string& unit, const std::vector<Change>& changes,
                                       const Capture* before) {
    const std::string subject = unit + ": commands";
    std::set<std::string> programs;
    const auto add = [&](const Settings& commands) { programs.merge(programs_of(commands)); };
    if (before != nullptr)
        if (const auto facts = before->facts.find(ChangeClass::unit); facts != before->facts.end())
            if (const auto fact = facts->second.find(subject); fact != facts->second.end())
                add(settings_of(
                    fact_state(ChangeClass::unit, SettingsOf{unit, "commands"}, fact->second)));
    for (const Change& change : changes)
        if (const auto* settings = std::get_if<SettingsOf>(&change.about);
            settings != nullptr && settings->unit == unit && settings->kind == "commands")
            add(settings_of(change.after));
    return programs;
}

/// Came or went with this change: how it runs is no news.
bool is_new_or_gone(const std::string& unit, const FactContext& context) {
    return context.new_or_gone_units.contains(unit);
}

}  // namespace

std::map<std::string, const PatchedPackage*, std::less<>> drop_ins_of(
    const std::vector<Change>& changes, const PackageIndex& packages) {
    std::map<std::string, const PatchedPackage*, std::less<>> found;
    for (const Change& change : changes) {
        if (!change.is_of_file()) continue;
        const std::string path = merged_usr(change.subject);
        const std::string_view unit = amended_unit(path);
        const Ownership& owner = packages.owner(path);
        const auto* package = owner.package();
        if (!unit.empty() && package != nullptr) found.emplace(unit, package);
    }
    return found;
}

std::set<std::string> new_or_gone_units(const std::vector<Change>& changes) {
    std::set<std::string> units;
    for (const Change& change : changes) {
        const bool of_units = change.cls == ChangeClass::unit || change.cls == ChangeClass::timer;
        if (of_units && change.kind != ChangeKind::changed &&
            std::holds_alternative<PlainSubject>(change.about))
            units.insert(change.subject);
    }
    return units;
}

std::optional<Explanation> explain_settings(const std::string& unit, const PackageIndex& packages,
                                            const FactContext& context) {
    if (const auto* package = packages.owner_of_unit(unit))
        return Explanation{package, "how a unit of " + package->name + " runs"};
    for (const std::string& name : amending_names(unit))
        if (const auto found = context.drop_ins.find(name); found != context.drop_ins.end())
            return Explanation{found->second, found->second->name + " ships a drop-in for " + name};
    return std::nullopt;
}

std::map<std::string, Explanation, std::less<>> changed_programs(const std::vector<Change>& changes,
                                                                 const PackageIndex& packages,
                                                                 const FactContext& context,
                                                                 const Capture* before) {
    std::map<std::string, Explanation, std::less<>> found;
    for (const Change& change : changes) {
        const auto* settings = std::get_if<SettingsOf>(&change.about);
        if (settings == nullptr || change.attribution.is_noise()) continue;
        const auto by = explain_settings(settings->unit, packages, context);
        if (!by) continue;
        for (const std::string& program : programs_of_unit(settings->unit, changes, before))
            found.emplace(program, Explanation{by->package,
                                               "a process of " + settings->unit + "; " + by->why});
    }
    return found;
}

std::string concern_of_fact(const Change& change, const FactContext& context) {
    if (const auto* settings = std::get_if<SettingsOf>(&change.about)) {
        if (settings->kind != "rights" || is_new_or_gone(settings->unit, context)) return {};
        return concern_of_rights(settings->unit, settings_of(change.before),
                                 settings_of(change.after));
    }
    return {};
}

}  // namespace patchlab::snapshots
