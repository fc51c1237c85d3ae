// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/dependents.hpp"

#include <vector>

#include "orchestrator/families/deb/control.hpp"

namespace patchlab::images {

namespace {

/// Who is needed → who needs it; what a package provides leads to those that need that.
struct NeedGraph {
    std::multimap<std::string, std::string> needed_by;
    std::multimap<std::string, std::string> provides;  ///< package → what it provides
};

void add_needs(NeedGraph& graph, const std::string& package, std::string_view field) {
    for (const auto& alternatives : families::deb::parse_relations(field))
        for (const auto& relation : alternatives) graph.needed_by.emplace(relation.name, package);
}

NeedGraph needs_in(const std::string& database) {
    NeedGraph graph;
    families::deb::StanzaReader reader(database, "the image's package database");
    families::deb::Stanza stanza;
    while (reader.next(stanza)) {
        if (!stanza.get("Status").ends_with(" installed")) continue;
        const std::string package(stanza.get("Package"));
        add_needs(graph, package, stanza.get("Depends"));
        add_needs(graph, package, stanza.get("Pre-Depends"));
        for (const auto& alternatives : families::deb::parse_relations(stanza.get("Provides")))
            for (const auto& relation : alternatives)
                graph.provides.emplace(package, relation.name);
    }
    return graph;
}

}  // namespace

std::map<std::string, std::string> dependents_of(const std::string& database,
                                                 const std::set<std::string>& changed) {
    const NeedGraph graph = needs_in(database);
    std::map<std::string, std::string> found;
    std::vector<std::string> open(changed.begin(), changed.end());
    const auto follow = [&](const std::string& name, const std::string& through) {
        const auto [first, last] = graph.needed_by.equal_range(name);
        for (auto it = first; it != last; ++it) {
            if (changed.contains(it->second)) continue;
            if (found.emplace(it->second, through).second) open.push_back(it->second);
        }
    };
    while (!open.empty()) {
        const std::string package = open.back();
        open.pop_back();
        follow(package, package);
        const auto [first, last] = graph.provides.equal_range(package);
        for (auto it = first; it != last; ++it) follow(it->second, package);
    }
    return found;
}

}  // namespace patchlab::images
