// SPDX-License-Identifier: Apache-2.0
//
// What comes, why, where and when, how risky it is and what the lab saw.
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

/// Whether the exact old version is kept.
std::string kept(const ChangePackage& package) {
    if (package.from.empty()) return "nothing to keep";
    return package.way_back ? "yes" : "no";
}

constexpr std::size_t packages_listed = 300;
constexpr std::size_t hosts_listed = 500;
constexpr std::size_t advisories_listed = 200;
constexpr std::size_t checks_listed = 100;

Text versions(const std::vector<std::string>& all, const char* none) {
    if (all.empty()) return {words(none)};
    Text text;
    for (const std::string& version : all) {
        if (!text.empty()) text.push_back(words(" or "));
        text.push_back(code(version));
    }
    return text;
}

Text cell(const std::string& said, const char* none = "\u2013") {
    return said.empty() ? Text{words(none)} : Text{guest(said)};
}

void left_out(Section& section, std::size_t all, std::size_t shown, const char* what) {
    if (all > shown)
        section.blocks.emplace_back(outline::Paragraph{
            {words(number_text(all - shown) + " further " + what + " are not listed here.")},
            true});
}

}  // namespace

Section what_section(const ChangeDocument& document) {
    Section section{"what", "What comes", {}};
    outline::Table table{
        "Packages of this change", {"Package", "From", "To", "Old version kept"}, {}};
    for (std::size_t i = 0; i < std::min(document.packages.size(), packages_listed); ++i) {
        const ChangePackage& package = document.packages[i];
        Text title{guest(package.name)};
        if (package.prerequisite) title.push_back(words(" (prerequisite)"));
        const Text to = package.to.empty() ? Text{words("removed")} : Text{code(package.to)};
        table.rows.push_back(
            {title, versions(package.from, "newly installed"), to, {words(kept(package))}});
    }
    if (table.rows.empty())
        section.blocks.emplace_back(outline::Paragraph{{words("No package is named.")}});
    else section.blocks.emplace_back(table);
    left_out(section, document.packages.size(), packages_listed, "packages");
    std::string restart = "No restart of the machine is needed.";
    if (document.reboot) restart = "The machine restarts.";
    else if (!document.services.empty())
        restart = "No restart of the machine is needed; these services are restarted: ";
    section.blocks.emplace_back(outline::Paragraph{{words(restart)}});
    if (!document.reboot && !document.services.empty()) {
        Text& text = std::get<outline::Paragraph>(section.blocks.back()).text;
        for (std::size_t i = 0; i < document.services.size(); ++i) {
            if (i > 0) text.push_back(words(", "));
            text.push_back(code(document.services[i]));
        }
        text.push_back(words("."));
    }
    return section;
}

Section why_section(const ChangeDocument& document) {
    Section section{"why", "Why", {}};
    for (const reports::RunPatch& patch : document.run().patches) {
        outline::Pairs pairs;
        pairs.pairs.push_back({"Patch", {guest(patch.id)}});
        pairs.pairs.push_back({"Urgency", cell(patch.urgency, "unknown")});
        Text fixes;
        for (std::size_t i = 0; i < std::min(patch.advisories.size(), advisories_listed); ++i) {
            if (i > 0) fixes.push_back(words(", "));
            fixes.push_back(guest(patch.advisories[i]));
        }
        if (patch.advisories.size() > advisories_listed)
            fixes.push_back(words(
                " and " + number_text(patch.advisories.size() - advisories_listed) + " more"));
        if (patch.reboot)
            pairs.pairs.push_back(
                {"Restart", patch.reboot_why.empty()
                                ? Text{words("needed")}
                                : Text{words("needed: "), guest(patch.reboot_why)}});
        for (const ChangeBackground& known : document.source.background) {
            if (known.patch != patch.id) continue;
            if (!known.due.empty())
                pairs.pairs.push_back({"Due, by feeds of today", {guest(known.due)}});
            if (!known.history.empty())
                pairs.pairs.push_back({"Earlier updates here", {guest(known.history)}});
        }
        section.blocks.emplace_back(pairs);
        if (fixes.empty()) fixes.push_back(words("no security hole is named"));
        fixes.insert(fixes.begin(), strong("Fixes: "));
        section.blocks.emplace_back(outline::Paragraph{fixes});
        if (!patch.changelog.empty())
            section.blocks.emplace_back(outline::Quotation{"What the vendor says of " + patch.id,
                                                           patch.changelog.substr(0, 8000)});
    }
    if (section.blocks.empty())
        section.blocks.emplace_back(outline::Paragraph{{words("No patch is named.")}});
    return section;
}

Section where_and_when_section(const ChangeDocument& document) {
    Section section{"where", "Where and when", {}};
    Text window{strong("Window: ")};
    window.push_back(document.source.window.empty() ? words("not fixed in this document")
                                                    : guest(document.source.window));
    section.blocks.emplace_back(outline::Paragraph{window});
    const auto& hosts = document.source.hosts;
    if (!hosts) {
        section.blocks.emplace_back(outline::Callout{
            Tone::unsure,
            {strong("Hosts unknown:"),
             words(" no inventory was given. That says nothing about which hosts need it.")}});
        return section;
    }
    outline::Table table{
        "Hosts that get this change", {"Host", "Criticality", "Owner", "Window"}, {}};
    for (std::size_t i = 0; i < std::min(hosts->size(), hosts_listed); ++i) {
        const ChangeHost& host = (*hosts)[i];
        Text name = cell(host.name);
        if (host.unknown) name.push_back(words(" (not known whether it needs it)"));
        table.rows.push_back(
            {name, cell(host.criticality), cell(host.owner, "not told"), cell(host.window)});
    }
    if (!table.rows.empty()) section.blocks.emplace_back(table);
    left_out(section, hosts->size(), hosts_listed, "hosts");
    const std::string told = document.source.hosts_told_by.empty()
                                 ? "whoever made this document told them"
                                 : document.source.hosts_told_by;
    section.blocks.emplace_back(
        outline::Paragraph{{words("Hosts, owners and windows are as "), guest(told),
                            words("; no signature covers them.")},
                           true});
    return section;
}

Section risk_section(const ChangeDocument& document) {
    Section section{"risk", "Risk", {}};
    section.blocks.emplace_back(outline::Callout{
        tone_of(document.risk), {strong(std::string(title_of(document.risk)) + ".")}});
    outline::List list;
    for (const std::string& why : document.risks) list.items.push_back({{words(why)}, {}});
    section.blocks.emplace_back(list);
    return section;
}

Section lab_section(const ChangeDocument& document) {
    Section section{"lab", "What the lab proved", {}};
    outline::Table checks{
        "Checks that are not as they should be", {"Check", "Machine", "Before", "After"}, {}};
    std::size_t wrong = 0;
    for (const reports::RunCheck& check : document.run().checks) {
        const reports::CheckReading reading = reading_of(check);
        if (reading == reports::CheckReading::passes || ++wrong > checks_listed) continue;
        checks.rows.push_back({{guest(check.suite + "/" + check.name)},
                               {guest(check.machine)},
                               {words(std::string(reports::name(check.before)))},
                               {words(std::string(reports::name(check.at_last())))}});
    }
    section.blocks.emplace_back(outline::Paragraph{
        {words(number_text(document.passing) + " of " +
               count_text(document.checks, "check passes", "checks pass") + " after the patch" +
               (wrong == 0 && document.checks > 0 ? ", as before it." : "."))}});
    if (!checks.rows.empty()) section.blocks.emplace_back(checks);
    left_out(section, wrong, checks_listed, "checks");
    section.blocks.emplace_back(outline::heading("Known side effects"));
    outline::List effects;
    for (const SideEffect& effect : document.side_effects) {
        Text text;
        if (!effect.machine.empty()) text.insert(text.end(), {guest(effect.machine), words(": ")});
        text.push_back(guest(effect.what));
        if (!effect.detail.empty()) text.insert(text.end(), {words(", "), guest(effect.detail)});
        if (effect.unexplained)
            text.insert(text.end(), {words(" "), strong("not explained by the patch")});
        else if (effect.sensitive) text.insert(text.end(), {words(" "), strong("sensitive")});
        effects.items.push_back({text, {}});
    }
    if (effects.items.empty())
        section.blocks.emplace_back(outline::Paragraph{
            {words("None was seen besides the files of the packages themselves.")}});
    else section.blocks.emplace_back(effects);
    left_out(section, document.side_effects.size() + document.side_effects_left_out,
             document.side_effects.size(), "side effects");
    return section;
}

}  // namespace patchlab::governance
