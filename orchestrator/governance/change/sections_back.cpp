// SPDX-License-Identifier: Apache-2.0
//
// How to go back, and what to do next: the sections with commands.
#include <algorithm>

#include "orchestrator/governance/change/parts.hpp"
#include "reports/words.hpp"

namespace patchlab::governance {

namespace outline = reports::outline;
using outline::code;
using outline::guest;
using outline::Section;
using outline::strong;
using outline::Text;
using outline::Tone;
using outline::words;

namespace {

/// What stands in backticks becomes code.
Text sentence(std::string_view line) {
    Text text;
    for (bool is_code = false; !line.empty(); is_code = !is_code) {
        const std::size_t tick = std::min(line.find('`'), line.size());
        if (tick > 0)
            text.push_back(is_code ? code(std::string(line.substr(0, tick)))
                                   : guest(std::string(line.substr(0, tick))));
        line.remove_prefix(std::min(tick + 1, line.size()));
    }
    return text;
}

void write_practised(Section& section, const ChangeDocument& document) {
    const auto& drill = document.run().drill;
    if (!drill) {
        section.blocks.emplace_back(
            outline::Callout{Tone::warn, {words("The way back was not practised in the lab.")}});
        return;
    }
    const auto told = [](bool restored, std::int64_t difference, double seconds) {
        if (!restored) return " did not work, after " + duration_text(seconds) + ".";
        return " worked, in " + duration_text(seconds) +
               (difference == 0
                    ? ", and nothing was left different."
                    : ", but " + std::to_string(difference) + " things were left different.");
    };
    outline::List list;
    if (const auto& way = drill->downgrade; way && way->possible) {
        Text text{strong("Installing the exact old versions"),
                  words(told(way->restored, way->difference, way->seconds))};
        if (!way->detail.empty()) text.insert(text.end(), {words(" "), guest(way->detail)});
        list.items.push_back({text, {}});
    } else if (drill->downgrade) {
        list.items.push_back({{strong("Installing the exact old versions"),
                               words(" is not possible: "), guest(drill->downgrade->detail)},
                              {}});
    }
    list.items.push_back({{strong("Reverting the whole machine"),
                           words(told(drill->restored, drill->difference, drill->seconds))},
                          {}});
    section.blocks.emplace_back(list);
}

/// Where the commands of patchlab are typed, and by whom.
std::string place_of(const ChangeDocument& document) {
    const std::string& host = document.source.made.host;
    return "on patchlab\u2019s host" + (host.empty() ? "" : " (" + host + ")") +
           ", by somebody with the role release-manager";
}

std::vector<std::string> for_each_rollout(const ChangeDocument& document, const std::string& verb,
                                          const std::string& options) {
    std::vector<std::string> rollouts;
    if (document.source.standing) rollouts = document.source.standing->rollouts;
    if (rollouts.empty()) rollouts.emplace_back("ROLLOUT");  // as the list names it
    std::vector<std::string> commands;
    for (const std::string& rollout : rollouts)
        commands.push_back("patchlab rollout " + verb + " " + rollout + options);
    return commands;
}

/// The gentle step first: a paused rollout can go on, one that was aborted cannot.
void stop_rollouts(outline::List& steps, const ChangeDocument& document) {
    std::vector<std::string> pause = for_each_rollout(document, "pause", "");
    const std::string& entry = document.source.entry;
    pause.insert(pause.begin(),
                 "patchlab rollout list" + (entry.empty() ? "" : " --entry " + entry));
    steps.items.push_back({{words("Where patchlab rolls it out, stop it from spreading, " +
                                  place_of(document) + "; it can go on afterwards:")},
                           pause});
    steps.items.push_back(
        {{words("If more than a few hosts have a problem, put back every host that it patched:")},
         for_each_rollout(document, "back-out", " --now --reason \"it broke something\"")});
    steps.items.push_back({{words("If it was a false alarm, let it go on; if it shall end as it "
                                  "stands, with the patched hosts staying so, abort it:")},
                           {for_each_rollout(document, "resume", "").front(),
                            for_each_rollout(document, "abort", "").front()}});
}

/// What the lab wrote down, where there are no commands to paste.
void write_instructions(Section& section, const ChangeDocument& document) {
    const auto& drill = document.run().drill;
    if (!document.back.empty() || !drill || drill->instructions.empty()) return;
    section.blocks.emplace_back(outline::heading("As the lab wrote it down"));
    outline::List list;
    for (const std::string& line : drill->instructions) {
        const bool command = line.starts_with("$ ") || line.starts_with("    ");
        if (command && !list.items.empty())
            list.items.back().commands.push_back(line.substr(line.starts_with('$') ? 2 : 4));
        else list.items.push_back({sentence(line), {}});
    }
    section.blocks.emplace_back(list);
}

void write_steps(Section& section, const ChangeDocument& document) {
    section.blocks.emplace_back(outline::heading("At 3 a.m."));
    outline::List steps{{}, true};
    stop_rollouts(steps, document);
    if (!document.source.entry.empty())
        steps.items.push_back({{words("Take it back for all hosts that follow a channel, which are "
                                      "then offered the old version again:")},
                               {"patchlab catalog withdraw " + document.source.entry +
                                " --reason \"it broke something\""}});
    if (document.back.empty())
        steps.items.push_back({{words("The commands for a host are not the same everywhere, or a "
                                      "name in them is not plain: put back, "
                                      "package by package, the version that the host had before "
                                      "(see \u201cWhat comes\u201d).")},
                               {}});
    else
        steps.items.push_back({{words("Or by hand, on each host that has a problem, as root; the "
                                      "last command shows whether the old versions are back:")},
                               document.back});
    if (!keeps_way_back(document))
        steps.items.push_back({{strong("Not every old version is kept:"),
                                words(" where a package cannot be put back, restore the machine "
                                      "from its last backup.")},
                               {}});
    steps.items.push_back({{words("If the host still does not work, restore it from its last "
                                  "backup, and wake its owner.")},
                           {}});
    section.blocks.emplace_back(steps);
    write_instructions(section, document);
}

/// An entry is planned and started; before, it is made.
void next_of_approved(outline::List& steps, const ChangeDocument& document) {
    const std::string& entry = document.source.entry;
    if (entry.empty())
        steps.items.push_back(
            {{words("Make a catalog entry of it and offer it to the first ring:")},
             {"patchlab catalog promote " + document.run().id + " --to ring-0 --publish"}});
    const std::string name = entry.empty() ? "ENTRY" : entry;
    steps.items.push_back({{words("See which host comes in which ring, and when:")},
                           {"patchlab rollout plan FILE --entry " + name}});
    steps.items.push_back(
        {{words("Bring it to production:")}, {"patchlab rollout start FILE --entry " + name}});
}

void next_of_stopped(outline::List& steps, const ChangeStanding& standing) {
    if (standing.state == "recalled")
        steps.items.push_back(
            {{words("Nothing was found against it. Offer it again with:")},
             {"patchlab catalog release " + standing.entry + " --reason \"why it may go on\""}});
    else if (!standing.taken_back)
        steps.items.push_back(
            {{words("Take it back from the hosts that follow a channel:")},
             {"patchlab catalog withdraw " + standing.entry + " --reason \"what was decided\""}});
    steps.items.push_back({{words("See how it stands, and what its rollouts met:")},
                           {"patchlab catalog show " + standing.entry, "patchlab rollout list"}});
}

}  // namespace

Section next_section(const ChangeDocument& document) {
    Section section{"next", "What comes next", {}};
    outline::List steps{{}, false};
    const std::string& run = document.run().id;
    steps.items.push_back({{words("Read what the lab found:")},
                           {"patchlab report " + run + " --format html -o report.html"}});
    if (document.stopped()) next_of_stopped(steps, *document.source.standing);
    else if (document.approved) next_of_approved(steps, document);
    else
        steps.items.push_back({{words("See what is missing, and decide:")},
                               {"patchlab policy explain " + run, "patchlab approve " + run,
                                "patchlab reject " + run + " --reason \"why not\""}});
    section.blocks.emplace_back(steps);
    return section;
}

Section way_back_section(const ChangeDocument& document) {
    Section section{"back", "How to go back", {}};
    write_practised(section, document);
    write_steps(section, document);
    if (document.source.kept.empty()) return section;
    section.blocks.emplace_back(outline::heading("Exact old packages that the entry keeps"));
    outline::Table table{"Old packages", {"Package", "Version", "File", "SHA-256"}, {}};
    for (const KeptPackage& package : document.source.kept)
        table.rows.push_back({{guest(package.name)},
                              {code(package.version)},
                              {code(package.file)},
                              {code(package.sha256)}});
    section.blocks.emplace_back(table);
    return section;
}

}  // namespace patchlab::governance
