// SPDX-License-Identifier: Apache-2.0
//
// Who asked and who signed, what the help desk says, and how all of it is proven.
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

void write_objections(Section& section, const ChangeStanding& standing) {
    section.blocks.emplace_back(outline::Callout{
        Tone::bad,
        {strong("What was approved was stopped later."),
         words(" Nothing publishes or deploys entry "), guest(standing.entry), words(".")}});
    outline::List list;
    if (standing.taken_back)
        list.items.push_back(
            {{words(standing.state + " " + reports::time_words(standing.since) + ": "),
              guest(standing.reason)},
             {}});
    for (const std::string& objection : standing.objections)
        list.items.push_back({{guest(objection)}, {}});
    section.blocks.emplace_back(list);
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

}  // namespace

Section who_section(const ChangeDocument& document) {
    Section section{"who", "Who", {}};
    const bool satisfied = document.source.decision.satisfied();
    outline::Pairs pairs{{{"Asked for by", {guest(document.run().requester)}},
                          {"Policy", {guest(document.source.decision.policy)}}}};
    const char* when = document.rejections.empty() ? "Decided" : "Rejected";
    pairs.pairs.push_back(
        {satisfied ? "Approved since" : when,
         {words(document.decided.empty() ? "nobody has decided yet"
                                         : reports::time_words(document.decided))}});
    if (const ChangeMaking& made = document.source.made; !made.time.empty())
        pairs.pairs.push_back({"This document was made",
                               {words(reports::time_words(made.time) + " by "), guest(made.user)}});
    section.blocks.emplace_back(pairs);
    if (document.stopped()) write_objections(section, *document.source.standing);
    if (!satisfied) {
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
