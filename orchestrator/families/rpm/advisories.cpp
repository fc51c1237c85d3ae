// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rpm/advisories.hpp"

#include <algorithm>
#include <set>

#include <pugixml.hpp>

#include "orchestrator/families/fixes.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::rpm {

namespace {

/// Vendors' words for severity: Red Hat's, SUSE's and Fedora's.
std::string urgency_of(std::string_view severity) {
    const std::string word = in_small_letters(trimmed(severity));
    if (word == "critical" || word == "urgent") return "critical";
    if (word == "important" || word == "high") return "high";
    if (word == "moderate" || word == "medium") return "medium";
    return word == "low" ? "low" : "unknown";
}

bool says_yes(const pugi::xml_node& node) {
    if (!node) return false;
    const std::string word = in_small_letters(trimmed(node.text().as_string()));
    return word.empty() || word == "true" || word == "1" || word == "yes";
}

Advisory advisory_of(const pugi::xml_node& update) {
    Advisory advisory;
    advisory.id = shortened(std::string(trimmed(update.child("id").text().as_string())), 100);
    advisory.urgency = urgency_of(update.child("severity").text().as_string());
    advisory.retracted = in_small_letters(update.attribute("status").as_string()) == "retracted";
    advisory.reboot = says_yes(update.child("reboot_suggested"));
    std::set<std::string> cves;
    for (const pugi::xml_node& reference : update.child("references").children("reference"))
        if (in_small_letters(reference.attribute("type").as_string()) == "cve")
            for (const char* place : {"id", "title"})
                for (std::string& cve : find_cves(reference.attribute(place).as_string()))
                    cves.insert(std::move(cve));
    advisory.cves.assign(cves.begin(), cves.end());
    for (const pugi::xml_node& collection : update.child("pkglist").children("collection"))
        for (const pugi::xml_node& package : collection.children("package")) {
            const std::string epoch = package.attribute("epoch").as_string("0");
            advisory.packages.push_back(std::string(package.attribute("name").as_string()) + " " +
                                        (epoch.empty() || epoch == "0" ? "" : epoch + ":") +
                                        package.attribute("version").as_string() + "-" +
                                        package.attribute("release").as_string() + " " +
                                        package.attribute("arch").as_string());
            advisory.reboot = advisory.reboot || says_yes(package.child("reboot_suggested"));
        }
    return advisory;
}

}  // namespace

std::vector<Advisory> read_advisories(std::string_view xml, const std::string& where) {
    pugi::xml_document document;
    if (const auto result = document.load_buffer(xml.data(), xml.size()); !result)
        throw Error(ErrorCode::invalid, where + " is no XML: " + result.description());
    if (!document.child("updates"))
        throw Error(ErrorCode::invalid, where + " is no list of advisories");
    std::vector<Advisory> all;
    for (const pugi::xml_node& update : document.child("updates").children("update"))
        all.push_back(advisory_of(update));
    return all;
}

}  // namespace patchlab::families::rpm
