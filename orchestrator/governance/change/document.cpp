// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/change/document.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/governance/change/parts.hpp"
#include "platform/core/error.hpp"
#include "policy_files.hpp"
#include "reports/words.hpp"

namespace patchlab::governance {

namespace {

using reports::CheckReading;
using reports::ReasonKind;

constexpr std::size_t most_side_effects = 200;

void expect_signed(const EvidenceFacts& facts) {
    if (facts.digest.empty()) throw Error(ErrorCode::refused, "there is no sealed evidence");
    if (!facts.intact())
        throw Error(ErrorCode::refused,
                    "the evidence is not what was sealed: " + facts.seal_problem);
    if (!facts.signature_problem.empty())
        throw Error(ErrorCode::refused,
                    "the signature of the evidence is not good: " + facts.signature_problem);
    if (facts.signer.empty()) throw Error(ErrorCode::refused, "the evidence is not signed");
    if (facts.run.requester.empty())
        throw Error(ErrorCode::refused, "the evidence does not say who asked for the run");
}

std::string title_of(const reports::RunDocument& run) {
    std::vector<std::string> sources;
    for (const reports::RunPatch& patch : run.patches) {
        const std::string name =
            patch.source.empty()
                ? patch.id
                : patch.source + (patch.version.empty() ? "" : " to " + patch.version);
        if (std::find(sources.begin(), sources.end(), name) == sources.end())
            sources.push_back(name);
    }
    return sources.empty() ? "Change of run " + run.id : "Update " + listed(sources, 3);
}

bool kept_by_entry(const ChangeSource& source, const std::string& name,
                   const std::string& version) {
    return std::any_of(source.kept.begin(), source.kept.end(), [&](const KeptPackage& kept) {
        return kept.name == name && kept.version == version;
    });
}

/// One row for each package: a run lists a row for each version that was replaced.
std::vector<ChangePackage> packages_of(const ChangeSource& source) {
    std::vector<ChangePackage> packages;
    for (const reports::RunPatch& patch : source.facts.run.patches) {
        for (const reports::RunPackage& row : patch.packages) {
            auto known = std::find_if(
                packages.begin(), packages.end(),
                [&](const ChangePackage& one) { return one.name == row.name && one.to == row.to; });
            if (known == packages.end())
                known = packages.insert(packages.end(),
                                        {row.name, row.to, row.sha256, {}, row.prerequisite, true});
            if (row.from.empty()) continue;
            if (std::find(known->from.begin(), known->from.end(), row.from) == known->from.end())
                known->from.push_back(row.from);
            known->way_back = known->way_back && (row.old_available.value_or(false) ||
                                                  kept_by_entry(source, row.name, row.from));
        }
    }
    return packages;
}

void count_checks(ChangeDocument& document) {
    for (const reports::RunCheck& check : document.run().checks) {
        const CheckReading reading = reading_of(check);
        ++document.checks;
        document.passing += check.at_last() == reports::CheckOutcome::pass;
        document.newly_failing += reading == CheckReading::newly_failing;
        document.not_observed += reading == CheckReading::not_observed;
        document.failing_before +=
            reading == CheckReading::old_failure || reading == CheckReading::flickers;
    }
}

std::string became(const reports::RunChange& change) {
    const std::string before = change.before.value_or("nothing"),
                      after = change.after.value_or("nothing");
    std::string words = change.change + ": ";
    if (change.change == "added") words += after;
    else if (change.change == "removed") words += before;
    else words += before + " \u2192 " + after;
    if (!change.why.empty()) words += " (" + change.why + ")";
    return words;
}

void collect_side_effects(ChangeDocument& document) {
    const auto add = [&](SideEffect effect) {
        if (document.side_effects.size() < most_side_effects)
            document.side_effects.push_back(std::move(effect));
        else ++document.side_effects_left_out;
    };
    for (const reports::RunChange& change : document.run().changes.items) {
        const bool unexplained = change.unexplained() || change.unreadable();
        if (change.noise() || (!change.sensitive && !unexplained)) continue;
        add({change.machine, change.cls + " " + change.subject, became(change), change.sensitive,
             unexplained});
    }
    for (const reports::RunReason& reason : document.run().reasons)
        if (!reason.is(ReasonKind::unexplained_change) && !reason.is(ReasonKind::sensitive_change))
            add({reason.machine,
                 reports::reason_words(reason.kind) +
                     (reason.subject.empty() ? "" : ": " + reason.subject),
                 reason.detail, false, false});
}

ChangeVoice voice_of(const Ruling& ruling) {
    return {ruling.author,
            std::string(name(ruling.role)),
            ruling.time,
            ruling.reason,
            ruling.digest(),
            ruling.custody == KeyCustody::own,
            ruling.account.acting_for_another()};
}

void collect_voices(ChangeDocument& document) {
    for (const Ruling* ruling : newest_voices(document.source.rulings))
        (ruling->kind == RulingKind::approve ? document.approvals : document.rejections)
            .push_back(voice_of(*ruling));
}

void collect_waivers(ChangeDocument& document) {
    std::set<std::string> seen;
    const auto& rulings = document.source.rulings;
    for (auto ruling = rulings.rbegin(); ruling != rulings.rend(); ++ruling) {
        if (ruling->kind != RulingKind::waive) continue;
        const Requirement* requirement = document.source.decision.find(ruling->requirement);
        const bool newest = seen.insert(ruling->requirement).second;
        const bool counts = newest && requirement && requirement->state == RequirementState::waived;
        document.waivers.push_back({ruling->requirement, ruling->owner, ruling->author,
                                    ruling->expires, ruling->reason, ruling->digest(), counts,
                                    ruling->time});
    }
    std::reverse(document.waivers.begin(), document.waivers.end());
}

/// When the newest word was said on which the decision rests: the approvals and waivers of what is
/// approved, the rejections of what is not.
std::string time_of_decision(const ChangeDocument& document) {
    std::string time;  // RFC 3339 in UTC sorts as text
    const auto later = [&](const std::string& other) { time = std::max(time, other); };
    for (const ChangeVoice& voice : document.rejections) later(voice.time);
    if (!document.source.decision.satisfied()) return time;
    for (const ChangeVoice& voice : document.approvals) later(voice.time);
    for (const ChangeWaiver& waiver : document.waivers)
        if (waiver.counts) later(waiver.time);
    return time;
}

void collect_services(ChangeDocument& document) {
    for (const reports::RunPatch& patch : document.run().patches)
        document.reboot = document.reboot || patch.reboot;
    for (const reports::RunMachine& machine : document.run().machines) {
        document.reboot = document.reboot || machine.rebooted.value_or(false);
        for (const std::string& service : machine.restarted)
            if (std::find(document.services.begin(), document.services.end(), service) ==
                document.services.end())
                document.services.push_back(service);
    }
}

}  // namespace

std::string listed(const std::vector<std::string>& names, std::size_t most) {
    std::string text;
    const std::size_t shown = std::min(names.size(), most);
    for (std::size_t i = 0; i < shown; ++i) {
        const bool last = i + 1 == shown && shown == names.size();
        if (i > 0) text += last ? " and " : ", ";
        text += names[i];
    }
    return shown == names.size() ? text
                                 : text + " and " + std::to_string(names.size() - shown) + " more";
}

bool keeps_way_back(const ChangeDocument& document) {
    const auto& drill = document.run().drill;
    const bool lab_had_none = drill && drill->downgrade && !drill->downgrade->possible;
    return std::all_of(
        document.packages.begin(), document.packages.end(), [&](const ChangePackage& package) {
            // the lab knows better than its own list; only what was added to the entry afterwards
            // counts against its word
            const auto added = [&](const std::string& version) {
                return kept_by_entry(document.source, package.name, version);
            };
            return package.way_back && (!lab_had_none || (!document.source.kept.empty() &&
                                                          std::all_of(package.from.begin(),
                                                                      package.from.end(), added)));
        });
}

ChangeDocument change_document(ChangeSource source) {
    expect_signed(source.facts);
    ChangeDocument document;
    document.source = std::move(source);
    document.approved = document.source.decision.satisfied() && !document.stopped();
    document.title = title_of(document.run());
    document.packages = packages_of(document.source);
    count_checks(document);
    collect_side_effects(document);
    collect_voices(document);
    collect_waivers(document);
    document.decided = time_of_decision(document);
    collect_services(document);
    assess_risk(document);
    write_way_back(document);
    write_help_desk(document);
    return document;
}

std::string change_schema() {
    return std::string(embedded::policy_files::file("change.schema.json"));
}

}  // namespace patchlab::governance
