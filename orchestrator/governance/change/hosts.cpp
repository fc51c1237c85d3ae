// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "orchestrator/governance/change/document.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::governance {

namespace {

constexpr std::size_t most_hosts = 100'000;
constexpr std::size_t longest_cell = 300;

void check(const ChangeHost& host, const std::string& where) {
    const auto part_of_name = [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '-' || c == '_' || c == ':';
    };
    if (host.name.empty() || host.name.size() > 253 ||
        !std::all_of(host.name.begin(), host.name.end(), part_of_name))
        throw Error(ErrorCode::invalid,
                    where + ": '" + host.name.substr(0, 80) + "' is no name of a host");
    for (const std::string* cell : {&host.criticality, &host.owner, &host.window})
        if (cell->size() > longest_cell)
            throw Error(ErrorCode::invalid, where + ": a field is longer than " +
                                                std::to_string(longest_cell) + " bytes");
}

ChangeHost from_line(const std::string& line) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
        // the window is the last one and may hold commas
        if (c == ',' && cells.size() < 4) cells.emplace_back();
        else cells.back() += c;
    }
    cells.resize(4);
    return {std::string(trimmed(cells[0])), std::string(trimmed(cells[1])),
            std::string(trimmed(cells[2])), std::string(trimmed(cells[3])), false};
}

ChangeHost from_json(const Json& json, const std::string& file, const std::string& where) {
    if (json.is_string()) return {json.get<std::string>(), "", "", "", false};
    if (!json.is_object())
        throw Error(ErrorCode::invalid, where + ": is neither a name nor an object");
    const JsonReader reader(json, file);
    ChangeHost host{reader.string(reader.has("name") ? "name" : "host"),
                    reader.string_or("criticality", ""), reader.string_or("owner", ""),
                    reader.string_or("window", ""), false};
    if (!host.owner.empty() || !reader.has("owners")) return host;
    for (const std::string& owner : reader.strings("owners"))
        host.owner += (host.owner.empty() ? "" : ", ") + owner;
    return host;
}

/// What `inventory needed --json` prints, each host once: one that needs any of what was asked for
/// needs the change.
std::vector<ChangeHost> from_needed(const JsonReader& document) {
    std::map<std::string, bool> unknown;  // by name
    for (const JsonReader& item : document.objects("items")) {
        const std::string need = item.string("need"), host = item.string("host");
        if (need == "needed") unknown[host] = false;
        else if (need != "not-needed") unknown.emplace(host, true);
    }
    for (const JsonReader& item : document.objects("unknown_hosts"))
        unknown.emplace(item.string("host"), true);
    std::vector<ChangeHost> hosts;
    for (const auto& [name, is_unknown] : unknown) hosts.push_back({name, "", "", "", is_unknown});
    return hosts;
}

/// One that its inventory does not name any more is no host of production.
bool is_gone(const Json& json) {
    return json.is_object() && json.contains("gone") && !json.at("gone").is_null();
}

}  // namespace

std::vector<ChangeHost> parse_change_hosts(const std::string& text, const std::string& file) {
    std::vector<ChangeHost> hosts;
    std::set<std::string> names;
    const auto add = [&](ChangeHost host, const std::string& where) {
        check(host, where);
        if (!names.insert(host.name).second)
            throw Error(ErrorCode::invalid, where + ": host '" + host.name + "' is there twice");
        if (hosts.size() == most_hosts)
            throw Error(ErrorCode::invalid,
                        where + ": more than " + std::to_string(most_hosts) + " hosts");
        hosts.push_back(std::move(host));
    };
    if (trimmed(text).starts_with('{')) {
        const Json document = parse_json(text, file);
        const JsonReader reader(document, file);
        if (reader.string_or("schema", "") == "patchlab/needed/v1") {
            for (ChangeHost& host : from_needed(reader)) add(std::move(host), file);
            return hosts;
        }
        const Json& list = reader.raw("hosts");
        if (!list.is_array()) throw Error(ErrorCode::invalid, file + ": /hosts: is no list");
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string where = file + ": /hosts/" + std::to_string(i);
            if (!is_gone(list[i])) add(from_json(list[i], file, where), where);
        }
        return hosts;
    }
    std::istringstream lines(text);
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        const std::string said(trimmed(std::string_view(line).substr(0, line.find('#'))));
        if (!said.empty()) add(from_line(said), file + ":" + std::to_string(number));
    }
    return hosts;
}

}  // namespace patchlab::governance
