// SPDX-License-Identifier: Apache-2.0
//
// Stage judge: what was found, assessed a last time and written down as the verdict. Nothing is
// asked of a guest any more.
#include <algorithm>

#include "orchestrator/pipeline/stages/stages.hpp"
#include "orchestrator/pipeline/verdict/assess.hpp"
#include "orchestrator/pipeline/verdict/headline.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

/// One check as a line of run.json, with its result after the reboot that followed, where there was
/// one.
Json line_of(const AssessedCheck& assessed) {
    Json json = to_json(assessed.check);
    if (const auto& later = assessed.later) {
        json["after_reboot"] = name(later->after);
        if (later->flaky) json["flaky"] = true;
        if (assessed.check.detail.empty()) json["detail"] = later->detail;
    }
    return json;
}

}  // namespace

fs::path doubted_folder(const RunFolder& run) { return run.work() / "doubted"; }
bool was_doubted(const RunFolder& run) { return fs::exists(doubted_folder(run)); }

Verdict judge_run(const RunContext& run, const TrialFindings* findings,
                  const std::vector<Reason>& faults) {
    Assessment assessment;
    if (findings) assessment = assess(*findings, Moment::judged);
    std::vector<Reason> reasons = faults;
    if (!findings && faults.empty())
        reasons.push_back({ReasonKind::lab_fault, "", "trial", "no trial of the patch came about",
                           Effect::inconclusive});
    reasons.insert(reasons.end(), assessment.reasons.begin(), assessment.reasons.end());
    name_services(reasons, run.request.machines);
    sort_by_cause(reasons);
    Json checks = Json::array(), changes = Json::array(), own = Json::array();
    for (const OwnTrouble& trouble : assessment.own_troubles) {
        run.tell(Stage::judge,
                 trouble.machine + ": " + trouble.subject + " is its own: " + trouble.seen);
        own.push_back({{"machine", trouble.machine},
                       {"subject", trouble.subject},
                       {"detail", trouble.detail},
                       {"seen", trouble.seen}});
    }
    std::size_t change_count = 0;
    for (const AssessedCheck& check : assessment.checks) checks.push_back(line_of(check));
    for (const snapshots::Change& change : assessment.changes) {
        changes.push_back(snapshots::to_json(change));
        if (!change.attribution.is_noise()) ++change_count;
    }
    const Verdict verdict = judge(reasons);
    write_json(run.folder.work() / "verdict.json",
               {{"verdict", name(verdict)},
                {"summary", summary(verdict, reasons, assessment.checks.size(), change_count)},
                {"reasons", to_json(reasons)},
                {"own_troubles", own},
                {"checks", checks},
                {"changes", changes}});
    return verdict;
}

}  // namespace patchlab::pipeline
