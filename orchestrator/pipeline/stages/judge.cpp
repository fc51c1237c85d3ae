// SPDX-License-Identifier: Apache-2.0
//
// Stage judge: from what is on disk to a verdict. Nothing is asked of a guest any more.
#include <algorithm>

#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

namespace {

bool was_rebooted(const fs::path& trial, const std::string& machine) {
    const fs::path file = trial / (machine + "-restart.json");
    return fs::exists(file) && read_json(file).value("rebooted", false);
}

struct MachineJudgement {
    std::vector<CheckComparison> checks;
    std::vector<snapshots::Change> changes;
    std::vector<Reason> reasons;
};

/// Fail closed: a machine of which a part was not seen can only stay unjudged, unless what was seen condemns.
void require_observed(const fs::path& trial, const std::string& machine, MachineJudgement& judgement) {
    for (const char* part : {"checks", "capture", "files"})
        if (!fs::exists(trial / (machine + "-" + part + ".json")))
            judgement.reasons.push_back({"not-observed", machine, part, "this part of the machine was not seen after the patch", Effect::inconclusive});
}

void append(std::vector<Reason>& to, std::vector<Reason> more) { to.insert(to.end(), more.begin(), more.end()); }

MachineJudgement judge_machine(const RunContext& run, const PreparedLab& lab, const fs::path& trial, const std::string& machine) {
    MachineJudgement judgement;
    const bool rebooted = was_rebooted(trial, machine);
    const Findings before = lab.baseline(machine);
    std::vector<std::vector<testsuites::CheckResult>> control_checks;
    std::vector<snapshots::Capture> control_captures;
    std::vector<ControlKind> kinds{ControlKind::plain, ControlKind::restart};
    if (rebooted) kinds.push_back(ControlKind::reboot);
    for (Findings& control : lab.control_findings(machine, kinds)) {
        control_checks.push_back(std::move(control.checks));
        control_captures.push_back(std::move(control.capture));
    }
    if (fs::exists(trial / (machine + "-checks.json"))) {
        const Json json = read_json(trial / (machine + "-checks.json"));
        std::vector<testsuites::CheckResult> after;
        for (const Json& item : json.at("checks")) after.push_back(testsuites::check_result_from_json(item));
        judgement.checks = compare_checks(machine, before.checks, control_checks, after);
        append(judgement.reasons, reasons_of_checks(judgement.checks));
        const bool any = std::any_of(judgement.checks.begin(), judgement.checks.end(),
                                     [](const CheckComparison& c) { return c.after == testsuites::Outcome::pass; });
        if (!any) judgement.reasons.push_back({"untested", machine, "no check passed", "nothing was seen to work on this machine", Effect::review});
    }
    if (fs::exists(trial / (machine + "-capture.json")))
        append(judgement.reasons, reasons_of_health(machine, before.capture, control_captures, read_findings(trial, machine, false).capture));
    if (fs::exists(trial / (machine + "-files.json"))) {
        judgement.changes = changes_of(run, lab, trial, machine, rebooted);
        append(judgement.reasons, reasons_of_changes(judgement.changes));
    }
    require_observed(trial, machine, judgement);
    return judgement;
}

}  // namespace

Verdict judge_run(const RunContext& run, const PreparedLab* lab, const fs::path& trial, const std::vector<Reason>& faults) {
    std::vector<Reason> reasons = faults;
    Json checks = Json::array(), changes = Json::array();
    std::size_t check_count = 0, change_count = 0;
    if (!lab || trial.empty()) {
        if (reasons.empty()) reasons.push_back({"lab-fault", "", "trial", "no trial of the patch came about", Effect::inconclusive});
    } else {
        append(reasons, read_reasons(trial));
        for (const MachineRequest& machine : run.request.machines) {
            const MachineJudgement judgement = judge_machine(run, *lab, trial, machine.definition.name);
            append(reasons, judgement.reasons);
            for (const auto& check : judgement.checks) checks.push_back(to_json(check));
            for (const auto& change : judgement.changes) {
                changes.push_back(snapshots::to_json(change));
                if (change.attribution != "noise") ++change_count;
            }
            check_count += judgement.checks.size();
        }
    }
    std::stable_sort(reasons.begin(), reasons.end(), [](const Reason& a, const Reason& b) { return a.effect < b.effect; });
    const Verdict verdict = judge(reasons);
    Json list = Json::array();
    for (const Reason& reason : reasons) list.push_back(to_json(reason));
    write_json(run.folder.work() / "verdict.json", {{"verdict", name(verdict)},
                                                    {"summary", summary(verdict, reasons, check_count, change_count)},
                                                    {"reasons", list},
                                                    {"checks", checks},
                                                    {"changes", changes}});
    return verdict;
}

}  // namespace patchlab::pipeline
