// SPDX-License-Identifier: Apache-2.0
//
// Campaigns: many candidate patches judged with few runs.
#include <algorithm>
#include <set>

#include "orchestrator/intake/patch.hpp"
#include "orchestrator/operations/campaign_labs.hpp"
#include "orchestrator/operations/campaign_process.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/pipeline/run/queue.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

using campaign::CampaignRow;
using campaign::CampaignState;
using campaign::CampaignStore;

CampaignStore campaigns_of(Call& call) { return CampaignStore(call.session.database()); }

Outcome campaign_outcome(Call& call, const std::string& id) {
    Json document = campaign_document(call.session, campaigns_of(call).get(id));
    const int exit = exit_of_campaign(document);
    return {std::move(document), exit};
}

/// Everything that the vendor has pending for the lab, fetched.
std::vector<std::string> all_pending(Call& call, const std::string& lab) {
    const Json request{{"lab", lab}};
    const Outcome fetched = find("patch.fetch")->run(call, JsonReader(request, "request"));
    std::vector<std::string> ids;
    for (const Json& patch : fetched.document.at("patches"))
        ids.push_back(patch.at("id").get<std::string>());
    return ids;
}

std::vector<std::string> patches_to_judge(Call& call, const JsonReader& request,
                                          const std::string& lab) {
    const std::vector<std::string> named = request.strings_or_empty("patches");
    if (request.boolean_or("all_pending", false)) {
        if (!named.empty())
            throw Error(ErrorCode::usage, "either patches are named or all pending ones are taken",
                        "leave out --patch or --all-pending");
        return all_pending(call, lab);
    }
    if (named.empty())
        throw Error(ErrorCode::usage, "there is no patch to judge",
                    "name them with --patch ID, or take what is pending with --all-pending");
    if (std::set<std::string>(named.begin(), named.end()).size() < named.size())
        throw Error(ErrorCode::usage, "a patch is named twice");
    return named;
}

Json campaign_started(const Json& id) {
    return {{"schema", "patchlab/campaign-started/v1"}, {"id", id}};
}

Outcome start_campaign(Call& call, const JsonReader& request) {
    if (const std::vector<std::string> labs = labs_of(request); labs.size() > 1) {
        std::vector<LabShare> shares;
        for (const std::string& lab : labs)
            shares.push_back({lab, patches_to_judge(call, request, lab)});
        return start_in_labs(call, request, shares);
    }
    const std::vector<std::string> patches = patches_to_judge(call, request, request.string("lab"));
    if (patches.empty()) {
        call.events.note("nothing is pending for lab " + request.string("lab"));
        return {campaign_started(nullptr)};
    }
    const std::string id = record_campaign(call, request, patches).id;
    if (request.boolean_or("detach", false)) {
        launch_campaign(call, id);
        return {campaign_started(id)};
    }
    drive_campaign(call, id);
    return campaign_outcome(call, id);
}

Json campaign_row_json(Session& session, const CampaignRow& row) {
    const Json document = campaign_document(session, row);
    Json item = Json::object();
    for (const char* key : {"id", "lab", "state", "verdict", "reason", "requester", "watch",
                            "created_at", "finished_at"})
        item[key] = document.at(key);
    item["patch_count"] = row.patches.size();
    item["proven_count"] = document.at("proven").at("patches").size();
    item["run_count"] = document.at("trials").size();
    return item;
}

Outcome list_campaigns(Call& call, const JsonReader&) {
    Json items = Json::array();
    for (const CampaignRow& row : campaigns_of(call).list())
        items.push_back(campaign_row_json(call.session, row));
    return {{{"schema", "patchlab/campaigns/v1"}, {"campaigns", items}}};
}

Outcome show_campaign(Call& call, const JsonReader& request) {
    Outcome shown = campaign_outcome(call, request.string("campaign"));
    if (!request.boolean_or("exit_code", false)) shown.exit = 0;
    return shown;
}

/// The run that it waits for ends with it.
void cancel_open_run(Call& call, const std::string& id) {
    pipeline::RunStore runs(call.session.state(), call.session.database());
    for (const campaign::TrialRow& trial : campaigns_of(call).trials(id)) {
        if (trial.verdict) continue;
        const pipeline::RunFolder folder = runs.folder(trial.run);
        if (is_over(folder.load().progress)) continue;
        try {
            call.session.queue().cancel(folder);
        } catch (const Error& error) {  // it ended by itself just now
            if (error.code() != ErrorCode::conflict) throw;
        }
    }
    runs.sync();
}

Outcome cancel_campaign(Call& call, const JsonReader& request) {
    Session& session = call.session;
    const CampaignRow row = campaigns_of(call).get(request.string("campaign"));
    if (is_over(row.state))
        throw Error(ErrorCode::conflict,
                    "campaign " + row.id + " is over: " + std::string(name(row.state)));
    session.database().transaction([&] {
        campaigns_of(call).move(row.id, CampaignState::cancelled, "by " + call.actor.user,
                                session.clock().now());
        intake::PatchStore(session.state(), session.database()).remove_user("campaign " + row.id);
    });
    cancel_open_run(call, row.id);
    return {{{"schema", "patchlab/campaign-cancelled/v1"}, {"campaign", row.id}}};
}

Outcome resume_campaign(Call& call, const JsonReader& request) {
    CampaignStore store = campaigns_of(call);
    const CampaignRow row = store.get(request.string("campaign"));
    if (row.state == CampaignState::cancelled)
        throw Error(ErrorCode::conflict, "campaign " + row.id + " was cancelled",
                    "start a new one: patchlab campaign start");
    if (row.state == CampaignState::finished) return campaign_outcome(call, row.id);
    if (is_driven(call.session, row.id))
        throw Error(ErrorCode::conflict, "another process works on campaign " + row.id,
                    "see: patchlab campaign show " + row.id);
    if (request.has("budget_runs") || request.has("budget_seconds"))
        store.set_budget(row.id, {static_cast<std::size_t>(request.integer_or("budget_runs", 0)),
                                  request.number_or("budget_seconds", 0)});
    store.move(row.id, CampaignState::running, "", call.session.clock().now());
    if (request.boolean_or("detach", false)) {
        launch_campaign(call, row.id);
        return {campaign_started(row.id)};
    }
    drive_campaign(call, row.id);
    return campaign_outcome(call, row.id);
}

}  // namespace

std::vector<Operation> campaign_operations() {
    return {
        {"campaign.start", "Judge many patches with as few runs as possible", Kind::long_write,
         lab_staff("start a campaign"), start_campaign, "lab"},
        {"campaign.list", "List the campaigns, newest first", Kind::read, anyone(), list_campaigns},
        {"campaign.show", "Show a campaign: a verdict for each patch, and the runs that prove it",
         Kind::read, anyone(), show_campaign, "campaign"},
        {"campaign.cancel", "End a campaign and its run; what was found stays", Kind::write,
         lab_staff("cancel a campaign"), cancel_campaign, "campaign"},
        {"campaign.resume", "Take up a campaign that stopped or lost its process", Kind::long_write,
         lab_staff("resume a campaign"), resume_campaign, "campaign"},
    };
}

}  // namespace patchlab::operations
