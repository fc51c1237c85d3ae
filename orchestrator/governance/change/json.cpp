// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/change/document.hpp"
#include "orchestrator/governance/change/parts.hpp"

namespace patchlab::governance {

namespace {

Json patches_json(const ChangeDocument& document) {
    Json items = Json::array();
    for (const reports::RunPatch& patch : document.run().patches)
        items.push_back({{"id", patch.id},
                         {"source", patch.source},
                         {"version", patch.version},
                         {"urgency", patch.urgency.empty() ? "unknown" : patch.urgency},
                         {"advisories", patch.advisories},
                         {"reboot", patch.reboot},
                         {"reboot_why", patch.reboot_why},
                         {"changelog", patch.changelog}});
    return items;
}

Json packages_json(const ChangeDocument& document) {
    Json items = Json::array();
    for (const ChangePackage& package : document.packages)
        items.push_back({{"name", package.name},
                         {"from", package.from},
                         {"to", text_or_null(package.to)},
                         {"sha256", text_or_null(package.sha256)},
                         {"prerequisite", package.prerequisite},
                         {"way_back", package.way_back}});
    return items;
}

Json hosts_json(const ChangeDocument& document) {
    if (!document.source.hosts) return nullptr;
    Json items = Json::array();
    for (const ChangeHost& host : *document.source.hosts)
        items.push_back({{"name", host.name},
                         {"criticality", text_or_null(host.criticality)},
                         {"owner", text_or_null(host.owner)},
                         {"window", text_or_null(host.window)},
                         {"need", host.unknown ? "unknown" : "needed"}});
    return items;
}

Json lab_json(const ChangeDocument& document) {
    const reports::RunDocument& run = document.run();
    Json effects = Json::array();
    for (const SideEffect& effect : document.side_effects)
        effects.push_back({{"machine", effect.machine},
                           {"what", effect.what},
                           {"detail", effect.detail},
                           {"sensitive", effect.sensitive},
                           {"unexplained", effect.unexplained}});
    return {
        {"name", run.lab},
        {"verdict", run.verdict ? Json(std::string(reports::name(*run.verdict))) : Json(nullptr)},
        {"summary", run.summary},
        {"finished", text_or_null(run.finished)},
        {"backend", run.backend},
        {"checks",
         {{"total", document.checks},
          {"passing", document.passing},
          {"newly_failing", document.newly_failing},
          {"not_observed", document.not_observed},
          {"failing_before", document.failing_before}}},
        {"side_effects", effects},
        {"side_effects_left_out", document.side_effects_left_out},
        {"reboot", document.reboot},
        {"restarted", document.services}};
}

Json voices_json(const std::vector<ChangeVoice>& voices) {
    Json items = Json::array();
    for (const ChangeVoice& voice : voices) {
        items.push_back({{"user", voice.user},
                         {"role", voice.role},
                         {"time", voice.time},
                         {"reason", voice.reason},
                         {"own_key", voice.own_key},
                         {"ruling", voice.digest}});
        if (!voice.acting.empty()) items.back()["acting"] = voice.acting;
    }
    return items;
}

Json waivers_json(const ChangeDocument& document) {
    Json items = Json::array();
    for (const ChangeWaiver& waiver : document.waivers)
        items.push_back({{"requirement", waiver.requirement},
                         {"owner", waiver.owner},
                         {"by", waiver.author},
                         {"expires", waiver.expires},
                         {"reason", waiver.reason},
                         {"counts", waiver.counts},
                         {"ruling", waiver.digest}});
    return items;
}

Json way_back_json(const ChangeDocument& document) {
    const auto& drill = document.run().drill;
    Json revert = nullptr, downgrade = nullptr, kept = Json::array();
    if (drill)
        revert = {{"restored", drill->restored},
                  {"difference", drill->difference},
                  {"seconds", drill->seconds}};
    if (drill && drill->downgrade)
        downgrade = {{"possible", drill->downgrade->possible},
                     {"restored", drill->downgrade->restored},
                     {"difference", drill->downgrade->difference},
                     {"seconds", drill->downgrade->seconds},
                     {"detail", drill->downgrade->detail}};
    for (const KeptPackage& package : document.source.kept)
        kept.push_back({{"name", package.name},
                        {"version", package.version},
                        {"file", package.file},
                        {"sha256", package.sha256}});
    return {{"old_versions_kept", keeps_way_back(document)},
            {"practised", practised_way_back(document)},
            {"revert", revert},
            {"downgrade", downgrade},
            {"commands", document.back},
            {"instructions", drill ? Json(drill->instructions) : Json::array()},
            {"packages", kept}};
}

Json standing_json(const ChangeDocument& document) {
    const auto& standing = document.source.standing;
    if (!standing) return nullptr;
    return {{"entry", standing->entry},
            {"state", standing->state},
            {"reason", text_or_null(standing->reason)},
            {"since", text_or_null(standing->since)},
            {"by", text_or_null(standing->by)},
            {"signed", standing->signed_},
            {"objections", standing->objections},
            {"rollouts", standing->rollouts}};
}

}  // namespace

Json to_json(const ChangeDocument& document) {
    const ChangeSource& source = document.source;
    Json open = Json::array();
    for (const Requirement* requirement : source.decision.unsatisfied())
        open.push_back({{"id", requirement->id},
                        {"type", name(requirement->state)},
                        {"detail", requirement->detail}});
    Json json{
        {"schema", "patchlab/change/v1"},
        {"run", document.run().id},
        {"entry", text_or_null(source.entry)},
        {"title", document.title},
        {"approved", document.approved},
        {"catalog", standing_json(document)},
        {"decided", text_or_null(document.decided)},
        {"made_at", text_or_null(source.made.time)},
        {"made_by", text_or_null(source.made.user)},
        {"open", open},
        {"patches", patches_json(document)},
        {"packages", packages_json(document)},
        {"hosts", hosts_json(document)},
        {"window", text_or_null(source.window)},
        {"risk", {{"level", name(document.risk)}, {"reasons", document.risks}}},
        {"lab", lab_json(document)},
        {"requester", document.run().requester},
        {"approvals", voices_json(document.approvals)},
        {"rejections", voices_json(document.rejections)},
        {"waivers", waivers_json(document)},
        {"way_back", way_back_json(document)},
        {"help_desk", document.help_desk},
        {"evidence",
         {{"digest", source.facts.digest},
          {"sealed", source.facts.sealed},
          {"key", source.facts.signer}}},
        {"policy", {{"name", source.decision.policy}, {"digest", source.decision.policy_digest}}},
        {"rulings", source.decision.rulings}};
    if (!source.decision.warnings.empty()) json["warnings"] = source.decision.warnings;
    return json;
}

}  // namespace patchlab::governance
