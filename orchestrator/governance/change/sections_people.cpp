// SPDX-License-Identifier: Apache-2.0
//
// Who asked and who signed, how to go back, what the help desk says, and how all of it is proven.
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

void write_voices(Section& section, const std::vector<ChangeVoice>& voices, const char* verb) {
    outline::List list;
    for (const ChangeVoice& voice : voices) {
        Text text{strong(verb), words(" by "), guest(voice.user)};
        if (!voice.acting.empty())
            text.insert(text.end(), {words(" (acting: "), guest(voice.acting), words(")")});
        text.insert(text.end(), {words(" as " + voice.role + ", " +
                                       reports::time_words(voice.time) + ", signed with "),
                                 words(voice.own_key ? "a key that only they hold"
                                                     : "the key that patchlab keeps for them")});
        if (!voice.reason.empty()) text.insert(text.end(), {words(": "), guest(voice.reason)});
        list.items.push_back({text, {}});
    }
    if (!list.items.empty()) section.blocks.emplace_back(list);
}

void write_waivers(Section& section, const std::vector<ChangeWaiver>& waivers) {
    if (waivers.empty()) return;
    section.blocks.emplace_back(outline::heading("Waivers"));
    outline::Table table{
        "Waivers",
        {"Requirement", "Owner of the risk", "Given by", "Until", "Reason", "Counts"},
        {}};
    for (const ChangeWaiver& waiver : waivers)
        table.rows.push_back({{guest(waiver.requirement)},
                              {guest(waiver.owner)},
                              {guest(waiver.author)},
                              {words(reports::time_words(waiver.expires))},
                              {guest(waiver.reason)},
                              {words(waiver.counts ? "yes" : "no")}});
    section.blocks.emplace_back(table);
}

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

void write_steps(Section& section, const ChangeDocument& document) {
    section.blocks.emplace_back(outline::heading("At 3 a.m."));
    outline::List steps{{}, true};
    steps.items.push_back({{words("Where patchlab rolls it out, stop it from spreading, on "
                                  "patchlab’s host; the first command tells the newest rollout:")},
                           {"patchlab rollout status", "patchlab rollout abort ROLLOUT"}});
    steps.items.push_back(
        {{words("If more than a few hosts have a problem, let it put back every host that it "
                "patched:")},
         {"patchlab rollout back-out ROLLOUT --now --reason \"it broke something\""}});
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
    const auto& drill = document.run().drill;
    if (!drill || drill->instructions.empty()) return;
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

}  // namespace

Section who_section(const ChangeDocument& document) {
    Section section{"who", "Who", {}};
    section.blocks.emplace_back(outline::Pairs{
        {{"Asked for by", {guest(document.run().requester)}},
         {"Policy", {guest(document.source.decision.policy)}},
         {"Decided", {words(reports::time_words(document.source.decision.decided))}}}});
    if (!document.approved) {
        section.blocks.emplace_back(
            outline::Callout{document.rejections.empty() ? Tone::warn : Tone::bad,
                             {strong("Not approved."), words(" Still open:")}});
        outline::List open;
        for (const Requirement* requirement : document.source.decision.unsatisfied())
            open.items.push_back({{code(requirement->id),
                                   words(" (" + std::string(name(requirement->state)) + "): "),
                                   guest(requirement->detail)},
                                  {}});
        section.blocks.emplace_back(open);
    }
    write_voices(section, document.approvals, "Approved");
    write_voices(section, document.rejections, "Rejected");
    if (document.approvals.empty() && document.rejections.empty())
        section.blocks.emplace_back(
            outline::Paragraph{{words("Nobody has approved or rejected it.")}});
    for (const std::string& warning : document.source.decision.warnings)
        section.blocks.emplace_back(outline::Callout{Tone::warn, {guest(warning)}});
    write_waivers(section, document.waivers);
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

Section help_desk_section(const ChangeDocument& document) {
    Section section{"help-desk", "For the help desk", {}};
    for (const std::string& line : document.help_desk) {
        const std::size_t colon = line.find(": ");
        const Text text = colon == std::string::npos || colon > 40
                              ? Text{guest(line)}
                              : Text{strong(line.substr(0, colon + 1)), words(" "),
                                     guest(line.substr(colon + 2))};
        section.blocks.emplace_back(outline::Paragraph{text});
    }
    return section;
}

Section proof_section(const ChangeDocument& document) {
    Section section{"proof", "Proof", {}};
    const ChangeSource& source = document.source;
    section.blocks.emplace_back(
        outline::Paragraph{{words("This document was made from the sealed and signed evidence and "
                                  "from the signed words of people alone. "
                                  "To prove that nothing in them was changed, on patchlab’s host "
                                  "or offline with the public keys:")}});
    outline::List steps{{}, true};
    steps.items.push_back(
        {{words("Get the public keys and check every byte of the evidence against them; the digest "
                "must be the one below:")},
         {"patchlab key export -o keys.pem", "patchlab evidence verify DIR --key keys.pem"}});
    steps.items.push_back({{words("Take the decision once more:")},
                           {"patchlab policy explain " + document.run().id}});
    if (!source.entry.empty())
        steps.items.push_back({{words("Check the whole entry, packages and approvals included:")},
                               {"patchlab catalog verify " + source.entry}});
    section.blocks.emplace_back(steps);
    outline::Table table{"Digests", {"What", "SHA-256"}, {}};
    table.rows.push_back({{words("Evidence, sealed " + reports::time_words(source.facts.sealed))},
                          {code(source.facts.digest)}});
    table.rows.push_back({{words("Key that signed it")}, {code(source.facts.signer)}});
    table.rows.push_back(
        {{words("Policy "), guest(source.decision.policy)}, {code(source.decision.policy_digest)}});
    for (const ChangeVoice& voice : document.approvals)
        table.rows.push_back({{words("Approval by "), guest(voice.user)}, {code(voice.digest)}});
    for (const ChangeVoice& voice : document.rejections)
        table.rows.push_back({{words("Rejection by "), guest(voice.user)}, {code(voice.digest)}});
    for (const ChangeWaiver& waiver : document.waivers)
        table.rows.push_back(
            {{words("Waiver of "), guest(waiver.requirement)}, {code(waiver.digest)}});
    for (const ChangePackage& package : document.packages)
        if (!package.sha256.empty() && table.rows.size() < 400)
            table.rows.push_back(
                {{guest(package.name), words(" "), code(package.to)}, {code(package.sha256)}});
    section.blocks.emplace_back(table);
    return section;
}

}  // namespace patchlab::governance
