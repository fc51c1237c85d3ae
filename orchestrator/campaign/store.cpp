// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/campaign/store.hpp"

#include <algorithm>
#include <array>

#include "platform/core/dated_id.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json_reader.hpp"

namespace patchlab::campaign {

namespace {

constexpr std::array<std::string_view, 4> state_words{"running", "stopped", "finished",
                                                      "cancelled"};

Json to_json(const PatchSet& set) { return std::vector<std::size_t>(set.begin(), set.end()); }

PatchSet set_from(const Json& json) {
    const auto numbers = json.get<std::vector<std::size_t>>();
    return {numbers.begin(), numbers.end()};
}

std::string definition_of(const CampaignRow& row) {
    Json needs = Json::array();
    for (const PatchSet& one : row.problem.needs) needs.push_back(to_json(one));
    return to_line({{"patches", row.patches},
                    {"needs", needs},
                    {"needs_known", row.needs_known},
                    {"smallest", row.problem.smallest},
                    {"options", row.options}});
}

CampaignRow row_from(const store::Row& row) {
    CampaignRow campaign;
    campaign.id = row.text("id");
    campaign.lab = row.text("lab");
    campaign.state = campaign_state_from(row.text("state"));
    campaign.reason = row.text("reason");
    campaign.requester = row.text("requester");
    campaign.created = row.text("created");
    campaign.finished = row.text("finished");
    campaign.watch = row.text("watch");
    campaign.budget = {static_cast<std::size_t>(row.integer("budget_runs")),
                       row.real("budget_seconds")};
    const Json definition = parse_json(row.text("definition"), "campaign " + campaign.id);
    campaign.patches = definition.at("patches").get<std::vector<std::string>>();
    for (const Json& needed : definition.at("needs"))
        campaign.problem.needs.push_back(set_from(needed));
    campaign.needs_known = definition.value("needs_known", true);
    campaign.problem.smallest = definition.at("smallest").get<bool>();
    campaign.options = definition.at("options");
    return campaign;
}

std::optional<Verdict> verdict_from(const std::optional<std::string>& word) {
    if (!word) return std::nullopt;
    return reports::verdict_named(*word).value_or(Verdict::inconclusive);
}

}  // namespace

std::string_view name(CampaignState state) { return state_words[static_cast<std::size_t>(state)]; }

CampaignState campaign_state_from(std::string_view word) {
    const auto found = std::find(state_words.begin(), state_words.end(), word);
    if (found == state_words.end())
        throw Error(ErrorCode::invalid, "'" + std::string(word) + "' is no state of a campaign");
    return static_cast<CampaignState>(found - state_words.begin());
}

void CampaignStore::add(CampaignRow& row, TimePoint now) {
    if (row.id.empty())
        row.id = free_dated_id("c", now, [&](const std::string& id) {
            return database_.query_one("SELECT id FROM campaigns WHERE id = ?", {id}).has_value();
        });
    row.created = to_rfc3339(now);
    database_.execute(
        "INSERT INTO campaigns (id, lab, state, reason, definition, budget_runs, budget_seconds, "
        "requester, watch, created, finished) VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?, '')",
        {row.id, row.lab, std::string(name(row.state)), definition_of(row),
         static_cast<std::int64_t>(row.budget.runs), row.budget.seconds, row.requester, row.watch,
         row.created});
}

std::vector<CampaignRow> CampaignStore::list() {
    std::vector<CampaignRow> rows;
    for (const store::Row& row : database_.query("SELECT * FROM campaigns ORDER BY id DESC"))
        rows.push_back(row_from(row));
    return rows;
}

CampaignRow CampaignStore::get(const std::string& id) {
    const auto row = database_.query_one("SELECT * FROM campaigns WHERE id = ?", {id});
    if (!row)
        throw Error(ErrorCode::not_found, "there is no campaign '" + id + "'",
                    "see: patchlab campaign list");
    return row_from(*row);
}

void CampaignStore::move(const std::string& id, CampaignState to, const std::string& reason,
                         TimePoint now) {
    const bool over = to == CampaignState::finished || to == CampaignState::cancelled;
    database_.execute("UPDATE campaigns SET state = ?, reason = ?, finished = ? WHERE id = ?",
                      {std::string(name(to)), reason, over ? to_rfc3339(now) : std::string(), id});
}

void CampaignStore::set_needs(CampaignRow& row, std::vector<PatchSet> needs) {
    row.problem.needs = std::move(needs);
    row.needs_known = true;
    database_.execute("UPDATE campaigns SET definition = ? WHERE id = ?",
                      {definition_of(row), row.id});
}

void CampaignStore::set_budget(const std::string& id, const Budget& budget) {
    database_.execute("UPDATE campaigns SET budget_runs = ?, budget_seconds = ? WHERE id = ?",
                      {static_cast<std::int64_t>(budget.runs), budget.seconds, id});
}

std::vector<TrialRow> CampaignStore::trials(const std::string& id) {
    std::vector<TrialRow> trials;
    for (const store::Row& row : database_.query(
             "SELECT * FROM campaign_trials WHERE campaign = ? ORDER BY number", {id})) {
        TrialRow trial;
        trial.number = static_cast<std::size_t>(row.integer("number"));
        trial.patches = set_from(parse_json(row.text("patches"), "a trial of " + id));
        trial.why = row.text("why");
        trial.run = row.text("run");
        trial.started = row.text("started");
        trial.verdict = verdict_from(row.text_or_null("verdict"));
        trial.blamed = set_from(parse_json(row.text("blamed"), "a trial of " + id));
        trial.seconds = row.real("seconds");
        trials.push_back(std::move(trial));
    }
    return trials;
}

void CampaignStore::begin(const std::string& id, const TrialRow& trial) {
    database_.execute(
        "INSERT INTO campaign_trials (campaign, number, patches, why, run, started, verdict, "
        "blamed, seconds) VALUES (?, ?, ?, ?, ?, ?, NULL, '[]', 0)",
        {id, static_cast<std::int64_t>(trial.number), to_line(to_json(trial.patches)), trial.why,
         trial.run, trial.started});
}

void CampaignStore::answer(const std::string& id, const TrialRow& trial) {
    database_.execute(
        "UPDATE campaign_trials SET verdict = ?, blamed = ?, seconds = ? WHERE campaign = ? AND "
        "number = ?",
        {std::string(reports::name(trial.verdict.value_or(Verdict::inconclusive))),
         to_line(to_json(trial.blamed)), trial.seconds, id,
         static_cast<std::int64_t>(trial.number)});
}

bool CampaignStore::holds_run(const std::string& run) {
    return database_.query_one("SELECT run FROM campaign_trials WHERE run = ?", {run}).has_value();
}

void CampaignStore::forget(const std::string& id, std::size_t number) {
    database_.execute("DELETE FROM campaign_trials WHERE campaign = ? AND number = ?",
                      {id, static_cast<std::int64_t>(number)});
}

std::vector<Trial> answered(const std::vector<TrialRow>& trials) {
    std::vector<Trial> known;
    for (const TrialRow& trial : trials)
        if (trial.verdict) known.push_back({trial.patches, *trial.verdict, trial.blamed});
    return known;
}

}  // namespace patchlab::campaign
