// SPDX-License-Identifier: Apache-2.0
//
// Campaigns that watches ask for: started where they may, taken up, and acted on once.
#include <algorithm>

#include "orchestrator/operations/campaign_process.hpp"
#include "orchestrator/operations/watch_look.hpp"
#include "platform/core/error.hpp"
#include "platform/core/fail_point.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::operations {

namespace {

using campaign::CampaignRow;
using campaign::CampaignState;
using campaign::WatchDefinition;

/// Its runs were used up, and nothing else stopped it.
bool out_of_budget(const CampaignRow& row, std::size_t trials) {
    return row.state == CampaignState::stopped && row.budget.runs > 0 && trials >= row.budget.runs;
}

Json campaign_request(const WatchDefinition& watch, const std::string& lab,
                      std::optional<std::size_t> runs) {
    Json request{{"lab", lab},
                 {"suites", watch.run_suites},
                 {"dependents", watch.dependents},
                 {"drill", watch.drill},
                 {"reboot_check", watch.reboot_check},
                 {"smallest", watch.smallest}};
    if (runs) request["budget_runs"] = *runs;
    return request;
}

/// "3 validated, 1 rejected"
std::string counts_of(const Json& document) {
    std::map<std::string, std::size_t> counts;
    for (const Json& patch : document.at("patches"))
        ++counts[patch.at("verdict").is_null() ? "without a verdict"
                                               : patch.at("verdict").get<std::string>()];
    std::string text;
    for (const auto& [verdict, count] : counts)
        text += (text.empty() ? "" : ", ") + number_text(count) + " " + verdict;
    return text;
}

}  // namespace

std::optional<std::size_t> WatchedCampaigns::runs_left(const WatchDefinition& watch) {
    if (watch.most_runs == 0) return std::nullopt;
    const TimePoint since =
        call_.session.clock().now() - std::chrono::duration_cast<TimePoint::duration>(watch.per);
    std::size_t used = watches_.runs_since(watch.name, since);
    for (const std::string& id : watches_.unsettled(watch.name)) {
        const CampaignRow row = campaigns_.get(id);
        if (row.state != CampaignState::running) continue;
        const std::size_t begun = campaigns_.trials(id).size();
        used += row.budget.runs - std::min(row.budget.runs, begun);
    }
    return watch.most_runs - std::min(watch.most_runs, used);
}

std::string WatchedCampaigns::start(const WatchDefinition& watch, const std::string& lab) {
    intake::PatchStore store(call_.session.state(), call_.session.database());
    std::vector<std::string> waiting = watches_.waiting(watch.name, lab);
    std::erase_if(waiting, [&](const std::string& patch) { return !store.has(patch); });
    if (waiting.empty()) return "";
    for (const std::string& id : watches_.unsettled(watch.name))
        if (const CampaignRow row = campaigns_.get(id); row.lab == lab && !is_over(row.state))
            return "campaign " + id + " is not over";
    if (const auto until = campaign::quiet_until(watch, call_.session.clock().now()))
        return "quiet hours until " + to_rfc3339(*until);
    const std::string used_up = "its " + count_text(watch.most_runs, "run") + " in " +
                                duration_text(watch.per.count()) + " are used or promised";
    if (runs_left(watch) == std::size_t{0}) return used_up;
    if (watch.how != campaign::How::each) {
        record(watch, lab, waiting);
        return "";
    }
    for (const std::string& patch : waiting) {
        if (runs_left(watch) == std::size_t{0}) return used_up;
        record(watch, lab, {patch});
    }
    return "";
}

/// How many runs the next campaign of the watch gets; one patch by itself needs no more than one.
std::optional<std::size_t> WatchedCampaigns::share_of(const WatchDefinition& watch) {
    const auto left = runs_left(watch);
    if (!left || watch.how != campaign::How::each) return left;
    return std::min<std::size_t>(*left, 1);
}

void WatchedCampaigns::record(const WatchDefinition& watch, const std::string& lab,
                              const std::vector<std::string>& patches) {
    const Json request = campaign_request(watch, lab, share_of(watch));
    Commission by{watch.name, watch.how == campaign::How::together,
                  [&](const std::string& id) { watches_.start(watch.name, lab, id, patches); }};
    const CampaignRow row =
        record_campaign(call_, JsonReader(request, "watch " + watch.name), patches, by);
    call_.events.note("watch " + watch.name + ": campaign " + row.id + " judges " +
                      count_text(patches.size(), "patch", "patches") + " in lab " + lab);
    fail_point("watch-recorded");
}

Json WatchedCampaigns::follow(const WatchDefinition& watch) {
    Json documents = Json::array();
    for (const std::string& id : watches_.unsettled(watch.name)) {
        go_on(watch, id);
        const CampaignRow row = campaigns_.get(id);
        Json document = campaign_document(call_.session, row);
        if (is_over(row.state)) settle(watch, document);
        documents.push_back(std::move(document));
    }
    return documents;
}

void WatchedCampaigns::go_on(const WatchDefinition& watch, const std::string& id) {
    CampaignRow row = campaigns_.get(id);
    const bool quiet = campaign::quiet_until(watch, call_.session.clock().now()).has_value();
    const std::size_t trials = campaigns_.trials(id).size();
    if (out_of_budget(row, trials) && !quiet) {
        const auto share = share_of(watch);
        if (share == std::size_t{0}) return;
        campaigns_.set_budget(id, {share ? trials + *share : 0, row.budget.seconds});
        campaigns_.move(id, CampaignState::running, "", call_.session.clock().now());
        row = campaigns_.get(id);
    }
    if (row.state != CampaignState::running || is_driven(call_.session, id)) return;
    try {
        if (detached_) launch_campaign(call_, id);
        else drive_campaign(call_, id);
    } catch (const Error& error) {
        call_.events.warning(error.what());
    }
}

/// What follows is done first and noted afterwards: after a crash in between it is done again,
/// which a target can tell by the campaign's id.
void WatchedCampaigns::settle(const WatchDefinition& watch, const Json& document) {
    const std::string id = document.at("id").get<std::string>();
    const Json& said = document.at("verdict");
    const auto verdict =
        said.is_string() ? reports::verdict_named(said.get<std::string>()) : std::nullopt;
    notify::Notice notice;
    notice.kind = notify::NoticeKind::campaign_finished;
    notice.text = "watch " + watch.name + ", lab " + document.at("lab").get<std::string>() +
                  ": campaign " + id + " is " + document.at("state").get<std::string>() + ": " +
                  counts_of(document);
    notice.details = {{"campaign", id},
                      {"watch", watch.name},
                      {"lab", document.at("lab")},
                      {"verdict", document.at("verdict")},
                      {"proven", document.at("proven")},
                      {"patches", document.at("patches")}};
    tell(call_, notice, campaign::told_of(watch, verdict));
    const auto reaction = watch.on.find(campaign::Verdict::validated);
    if (reaction != watch.on.end() && document.at("proven").at("run").is_string())
        promote(reaction->second.promote, document.at("proven").at("run").get<std::string>());
    fail_point("watch-acted");
    std::map<std::string, std::string> verdicts;
    for (const Json& patch : document.at("patches"))
        verdicts[patch.at("id")] = patch.at("verdict").is_null()
                                       ? document.at("state").get<std::string>()
                                       : patch.at("verdict").get<std::string>();
    watches_.settle(id, verdicts);
}

/// The policy decides; where it asks for people, they are told, and nothing is promoted.
void WatchedCampaigns::promote(const std::string& channel, const std::string& run) {
    if (channel.empty()) return;
    try {
        invoke(call_.session, call_.events, "catalog.promote",
               {{"entry", run}, {"channel", channel}, {"publish", true}});
        call_.events.note("run " + run + " is promoted to " + channel);
    } catch (const Error& error) {
        call_.events.note("run " + run + " is not promoted to " + channel + ": " + error.what());
    }
}

}  // namespace patchlab::operations
