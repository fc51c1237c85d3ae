// SPDX-License-Identifier: Apache-2.0
//
// A campaign as a document: what is known of each patch, and which run says so.
#include <algorithm>

#include "orchestrator/operations/campaign_process.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/run_compare.hpp"
#include "orchestrator/operations/run_start.hpp"
#include "platform/core/text.hpp"

namespace patchlab::operations {

namespace {

using campaign::ByItself;
using campaign::CampaignRow;
using campaign::CampaignState;
using campaign::PatchSet;
using campaign::Step;
using campaign::TrialRow;

std::vector<std::string> names_of(const CampaignRow& row, const PatchSet& set) {
    std::vector<std::string> names;
    for (const std::size_t i : set) names.push_back(row.patches.at(i));
    return names;
}

std::vector<TrialRow> with_answers(const std::vector<TrialRow>& trials) {
    std::vector<TrialRow> known;
    std::copy_if(trials.begin(), trials.end(), std::back_inserter(known),
                 [](const TrialRow& trial) { return trial.verdict.has_value(); });
    return known;
}

/// What was found about one patch, in a sentence.
std::string sentence_about(const CampaignRow& row, const campaign::Finding& finding) {
    switch (finding.role) {
        case campaign::Role::open:
            return finding.verdict ? "the lab gave no answer" : "not judged yet";
        case campaign::Role::proven: return "validated together with the rest of the proven set";
        case campaign::Role::alone: return "validated by itself, not together with the others";
        case campaign::Role::blocked:
            return "needs " + joined(names_of(row, finding.with)) + ", which is set aside";
        case campaign::Role::at_fault: break;
    }
    std::string text = finding.verdict == campaign::Verdict::inconclusive
                           ? "the lab could not judge it"
                           : "set aside";
    if (finding.attributed) return text + ": the reasons of the run name its packages";
    if (!finding.with.empty())
        text += ": fails together with " + joined(names_of(row, finding.with));
    else if (finding.by_itself == ByItself::yes) text += ": fails by itself";
    else if (finding.by_itself == ByItself::no) text += ": works by itself, fails with the others";
    else text += ": without it the others work, with it they do not";
    return text;
}

Json json_of_patch(const CampaignRow& row, std::size_t patch, const campaign::Finding& finding,
                   const std::vector<TrialRow>& known) {
    Json evidence = Json::array();
    for (const std::size_t i : finding.trials)
        evidence.push_back({{"run", known.at(i).run},
                            {"verdict", reports::name(*known.at(i).verdict)},
                            {"holds_it", known.at(i).patches.contains(patch)}});
    const Json by_itself = finding.by_itself == ByItself::unknown
                               ? Json(nullptr)
                               : Json(finding.by_itself == ByItself::yes);
    return {{"id", row.patches.at(patch)},
            {"verdict", finding.verdict ? Json(reports::name(*finding.verdict)) : Json(nullptr)},
            {"role", campaign::name(finding.role)},
            {"why", sentence_about(row, finding)},
            {"with", names_of(row, finding.with)},
            {"fails_by_itself", by_itself},
            {"attributed", finding.attributed},
            {"evidence", evidence}};
}

Json trials_json(const CampaignRow& row, const std::vector<TrialRow>& trials) {
    Json items = Json::array();
    for (const TrialRow& trial : trials)
        items.push_back(
            {{"number", trial.number},
             {"run", trial.run},
             {"why", trial.why},
             {"patches", names_of(row, trial.patches)},
             {"verdict", trial.verdict ? Json(reports::name(*trial.verdict)) : Json(nullptr)},
             {"named", names_of(row, trial.blamed)},
             {"seconds", trial.seconds}});
    return items;
}

std::string state_word(Session& session, const CampaignRow& row) {
    const bool lost = row.state == CampaignState::running && !is_driven(session, row.id);
    return lost ? "interrupted" : std::string(campaign::name(row.state));
}

}  // namespace

Json worst_verdict(const Json& documents) {
    std::vector<int> exits;
    for (const Json& document : documents) {
        const Json& verdict = document.at("verdict");
        if (verdict.is_null()) return nullptr;
        exits.push_back(exit_of(verdict.get<std::string>()));
    }
    const int worst = worst_exit(exits);
    for (const campaign::Verdict verdict : reports::all_verdicts)
        if (exit_of(std::string(reports::name(verdict))) == worst) return reports::name(verdict);
    return reports::name(campaign::Verdict::inconclusive);
}

Json campaign_document(Session& session, const CampaignRow& row) {
    const std::vector<TrialRow> trials = campaign::CampaignStore(session.database()).trials(row.id);
    const std::vector<TrialRow> known = with_answers(trials);
    const Step step = campaign::next_step(row.problem, campaign::answered(trials));
    Json patches = Json::array();
    for (std::size_t i = 0; i < row.patches.size(); ++i)
        patches.push_back(json_of_patch(row, i, step.findings.at(i), known));
    return {{"schema", "patchlab/campaign/v1"},
            {"id", row.id},
            {"lab", row.lab},
            {"state", state_word(session, row)},
            {"reason", or_null(row.reason)},
            {"verdict", step.wanted ? Json(nullptr) : worst_verdict(patches)},
            {"requester", row.requester},
            {"watch", or_null(row.watch)},
            {"created_at", row.created},
            {"finished_at", or_null(row.finished)},
            {"patches", patches},
            {"proven",
             {{"patches", names_of(row, step.proven)},
              {"run", step.proof ? Json(known.at(*step.proof).run) : Json(nullptr)}}},
            {"trials", trials_json(row, trials)},
            {"runs_to_go_at_most", step.at_most},
            {"budget",
             {{"runs", row.budget.runs > 0 ? Json(row.budget.runs) : Json(nullptr)},
              {"seconds", row.budget.seconds > 0 ? Json(row.budget.seconds) : Json(nullptr)}}}};
}

int exit_of_campaign(const Json& document) {
    const Json& verdict = document.at("verdict");
    return exit_of(verdict.is_null() ? "" : verdict.get<std::string>());
}

}  // namespace patchlab::operations
