// SPDX-License-Identifier: Apache-2.0
//
// What the help desk can read out to a caller: no words of the trade, nothing that was not seen or
// told.
#include <algorithm>

#include "orchestrator/governance/change/parts.hpp"
#include "reports/words.hpp"

namespace patchlab::governance {

namespace {

/// "nginx.service" is nginx to people.
std::vector<std::string> service_names(const ChangeDocument& document) {
    std::vector<std::string> names;
    for (const std::string& service : document.services)
        names.push_back(service.ends_with(".service") ? service.substr(0, service.size() - 8)
                                                      : service);
    return names;
}

std::string what(const ChangeDocument& document) {
    std::vector<std::string> sources;
    std::size_t holes = 0;
    for (const reports::RunPatch& patch : document.run().patches) {
        const std::string source = patch.source.empty() ? patch.id : patch.source;
        if (std::find(sources.begin(), sources.end(), source) == sources.end())
            sources.push_back(source);
        holes += patch.advisories.size();
    }
    const std::string why =
        holes == 0 ? "."
                   : ", which closes " +
                         count_text(holes, "known security hole", "known security holes") + ".";
    return "What comes: an update of " + (sources.empty() ? "the system" : listed(sources)) + why;
}

std::string when(const ChangeDocument& document) {
    if (!document.approved) return "When: not before it is approved.";
    if (!document.source.window.empty()) return "When: " + document.source.window + ".";
    return "When: the owner of each system tells the time; none is fixed in this document.";
}

std::string where(const ChangeDocument& document) {
    const auto& hosts = document.source.hosts;
    if (!hosts) return "Where: not known yet.";
    if (hosts->empty()) return "Where: on no machine.";
    std::vector<std::string> names;
    for (const ChangeHost& host : *hosts) names.push_back(host.name);
    return "Where: on " + listed(names, 8) + ".";
}

std::string noticed(const ChangeDocument& document) {
    if (document.reboot)
        return "What people may notice: the machine restarts, and everything on it is away until "
               "it is up again.";
    const std::vector<std::string> services = service_names(document);
    if (services.empty())
        return "What people may notice: in the rehearsal no service had to be restarted.";
    return "What people may notice: " + listed(services) +
           (services.size() == 1 ? " restarts" : " restart") +
           "; who uses it may be cut off for a moment and can simply try again.";
}

std::string ask(const ChangeDocument& document) {
    std::vector<std::string> people;
    const auto add = [&](const std::string& name) {
        if (!name.empty() && std::find(people.begin(), people.end(), name) == people.end())
            people.push_back(name);
    };
    if (document.source.hosts)
        for (const ChangeHost& host : *document.source.hosts) add(host.owner);
    for (const ChangeVoice& voice : document.approvals) add(voice.user);
    if (people.empty()) add(document.run().requester);
    return "Whom to ask: " + listed(people) + ".";
}

std::string back(const ChangeDocument& document) {
    const auto& drill = document.run().drill;
    const bool downgraded = drill && drill->downgrade && drill->downgrade->possible &&
                            drill->downgrade->restored && drill->downgrade->difference == 0;
    const std::string note =
        "If something stops working after it: write down the time, the machine and what was tried, "
        "and call at once. ";
    if (downgraded && keeps_way_back(document))
        return note + "The old version can be put back; in the rehearsal that took " +
               duration_text(drill->downgrade->seconds) + ".";
    if (keeps_way_back(document)) return note + "The old version can be put back.";
    return note + "The old version cannot simply be put back: the machine has to be restored.";
}

}  // namespace

void write_help_desk(ChangeDocument& document) {
    document.help_desk = {what(document),    when(document), where(document),
                          noticed(document), ask(document),  back(document)};
}

}  // namespace patchlab::governance
