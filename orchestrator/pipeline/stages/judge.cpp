// SPDX-License-Identifier: Apache-2.0
//
// Stage judge: from what is on disk to a verdict. Nothing is asked of a guest any more.
#include <algorithm>
#include <iterator>
#include <set>

#include "orchestrator/pipeline/stages/beside.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "orchestrator/pipeline/verdict/headline.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

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

/// Fail closed: a machine of which a part was not seen can only stay unjudged, unless what was seen
/// condemns.
void require_observed(const fs::path& trial, const std::string& machine,
                      MachineJudgement& judgement) {
    for (const char* part : {"checks", "capture", "files"})
        if (!fs::exists(trial / (machine + "-" + part + ".json")))
            judgement.reasons.push_back({ReasonKind::not_observed, machine, part,
                                         "this part of the machine was not seen after the patch",
                                         Effect::inconclusive});
}

void append(std::vector<Reason>& to, std::vector<Reason> more) {
    to.insert(to.end(), more.begin(), more.end());
}

/// What the unpatched machine showed: at the checkpoint, in the controls that went through the
/// same, and in the unpatched trials of the run's own hour. Those last ones are asked about speed
/// and size alone, which depend on how busy the host is.
struct Unpatched {
    Findings before;
    std::vector<std::vector<testsuites::CheckResult>> checks, witnessed_checks;
    std::vector<snapshots::Capture> captures, witnessed_captures;

    Unpatched(const PreparedLab& lab, const fs::path& trial, const std::string& machine,
              bool rebooted)
        : before(lab.baseline(machine)) {
        std::vector<ControlKind> kinds{ControlKind::plain, ControlKind::restart};
        if (rebooted) kinds.push_back(ControlKind::reboot);
        for (Findings& control : lab.control_findings(machine, kinds)) {
            checks.push_back(std::move(control.checks));
            captures.push_back(std::move(control.capture));
        }
        for (const Witness& witness : witnesses(trial)) {
            if (!fs::exists(witness.folder / (machine + "-capture.json"))) continue;
            Findings findings = read_findings(witness.folder, machine, false);
            witnessed_checks.push_back(std::move(findings.checks));
            // an answer is as quick after a reboot as before; memory and boots are compared with
            // their like
            if (rebooted || !witness.rebooted)
                witnessed_captures.push_back(std::move(findings.capture));
        }
    }

    /// The baseline first, then the controls.
    UnpatchedChecks all_checks() const {
        UnpatchedChecks all{before.checks};
        all.insert(all.end(), checks.begin(), checks.end());
        all.insert(all.end(), witnessed_checks.begin(), witnessed_checks.end());
        return all;
    }
    std::vector<snapshots::Capture> all_captures() const {
        std::vector<snapshots::Capture> all{before.capture};
        all.insert(all.end(), captures.begin(), captures.end());
        all.insert(all.end(), witnessed_captures.begin(), witnessed_captures.end());
        return all;
    }
};

/// Files of packages that were installed as announced, and that are the old ones all the same.
std::vector<Reason> reasons_of_stale_files(const RunContext& run, const fs::path& trial,
                                           const std::string& machine) {
    const fs::path file = trial / (machine + "-apply.json");
    if (!fs::exists(file)) return {};
    const Json installation = read_json(file);
    if (installation.value("exit", -1) != 0 || !installation.at("wrong").empty())
        return {};  // that has its own reason
    std::set<std::string> installed;
    for (const Json& package : installation.at("expected")) {
        const std::string name = package.at("name").get<std::string>();
        installed.insert(name.substr(0, name.find(':')));
    }
    std::vector<Reason> reasons;
    for (const snapshots::StaleFiles& stale : snapshots::files_not_replaced(
             read_files(trial, machine).changes, run.contents->of(run.request))) {
        if (!installed.contains(stale.package)) continue;
        const std::string others =
            stale.paths.size() > 1 ? " (and " + std::to_string(stale.paths.size() - 1) + " others)"
                                   : "";
        reasons.push_back({ReasonKind::not_in_effect, machine, stale.paths.front(),
                           "this file" + others + " is still the one of before, although " +
                               stale.package + " ships another: the update is not in effect there",
                           Effect::review});
    }
    return reasons;
}

/// What a start of the patched machine left in `folder`: its checks beside the unpatched ones, and
/// its state.
struct Start {
    std::vector<CheckComparison> checks;
    snapshots::Capture after;

    Start(const Unpatched& unpatched, Findings found, const std::string& machine)
        : checks(compare_checks(machine, unpatched.before.checks, unpatched.checks, found.checks)),
          after(std::move(found.capture)) {}

    /// `counts`: which checks.
    template <typename Counts>
    std::vector<Reason> troubles(const Unpatched& unpatched, const std::string& machine,
                                 Counts&& counts) const {
        std::vector<CheckComparison> counted;
        std::copy_if(checks.begin(), checks.end(), std::back_inserter(counted), counts);
        std::vector<Reason> reasons = reasons_of_checks(counted);
        append(reasons,
               reasons_of_health(machine, unpatched.before.capture, unpatched.captures, after));
        return reasons;
    }
};

constexpr auto every_check = [](const CheckComparison&) { return true; };

/// Weighed by one more start of the machine, where there was one because the first was in doubt.
template <typename Counts>
std::vector<Reason> weighed(std::vector<Reason> first, const fs::path& trial,
                            const Unpatched& unpatched, const std::string& machine,
                            Counts&& counts) {
    const fs::path folder = again_folder(trial);
    if (!fs::exists(folder / (machine + "-capture.json"))) return first;
    return of_two(std::move(first),
                  Start(unpatched, read_findings(folder, machine, false), machine)
                      .troubles(unpatched, machine, counts),
                  "starts");
}

/// Weighed by the trial before this one, where there was one and it was doubted. Only what
/// condemned is taken from that one.
std::vector<Reason> weighed_by_doubted(std::vector<Reason> reasons, const RunContext& run,
                                       std::vector<Reason> doubted) {
    if (!was_doubted(run.folder)) return reasons;
    std::erase_if(doubted, [](const Reason& reason) {
        return !may_be_chance(reason) || reason.effect != Effect::rejects;
    });
    return of_two(std::move(reasons), doubted, "trials");
}

/// The troubles that the doubted trial showed on this machine.
std::vector<Reason> doubted_troubles(const RunContext& run, const Unpatched& unpatched,
                                     const std::string& machine) {
    const fs::path folder = doubted_folder(run.folder);
    if (!fs::exists(folder / (machine + "-capture.json"))) return {};
    return Start(unpatched, read_findings(folder, machine, false), machine)
        .troubles(unpatched, machine, every_check);
}

/// What the stages of this trial noted down.
std::vector<Reason> noted(const RunContext& run, const fs::path& trial) {
    return weighed_by_doubted(read_reasons(trial), run, read_reasons(doubted_folder(run.folder)));
}

MachineJudgement judge_machine(const RunContext& run, const PreparedLab& lab, const fs::path& trial,
                               const std::string& machine) {
    MachineJudgement judgement;
    const bool rebooted = was_rebooted(trial, machine);
    const Unpatched unpatched(lab, trial, machine, rebooted);
    const Beside beside = read_beside(trial, machine);
    if (fs::exists(trial / (machine + "-checks.json"))) {
        judgement.checks = compare_checks(machine, unpatched.before.checks, unpatched.checks,
                                          read_checks(trial, machine));
        append(judgement.reasons, reasons_of_checks(judgement.checks));
        append(judgement.reasons,
               regressions_of_checks(machine, unpatched.all_checks(), read_checks(trial, machine),
                                     beside.checks));
        const bool any = std::any_of(
            judgement.checks.begin(), judgement.checks.end(),
            [](const CheckComparison& c) { return c.after == testsuites::Outcome::pass; });
        if (!any)
            judgement.reasons.push_back({ReasonKind::untested, machine, "no check passed",
                                         "nothing was seen to work on this machine",
                                         Effect::review});
    }
    if (fs::exists(trial / (machine + "-capture.json"))) {
        const snapshots::Capture after = read_findings(trial, machine, false).capture;
        append(judgement.reasons,
               reasons_of_health(machine, unpatched.before.capture, unpatched.captures, after));
        append(judgement.reasons, regressions_of_measures(machine, unpatched.all_captures(), after,
                                                          rebooted, beside.boots));
    }
    if (fs::exists(trial / (machine + "-files.json"))) {
        judgement.changes = changes_of(run, lab, trial, machine, rebooted);
        append(judgement.reasons, reasons_of_changes(judgement.changes));
        append(judgement.reasons, reasons_of_stale_files(run, trial, machine));
    }
    if (rebooted)
        judgement.reasons =
            weighed(std::move(judgement.reasons), trial, unpatched, machine, every_check);
    else
        judgement.reasons = weighed_by_doubted(std::move(judgement.reasons), run,
                                               doubted_troubles(run, unpatched, machine));
    require_observed(trial, machine, judgement);
    return judgement;
}

/// What only the machine's next start brought to light: checks that still worked before it, new
/// troubles, and sensitive changes. Other changes are not looked for again: a start rewrites caches
/// and counters, and what the patch wrote was compared before it.
MachineJudgement judge_endured(const RunContext& run, const PreparedLab& lab, const fs::path& trial,
                               const MachineJudgement& first, const std::string& machine) {
    MachineJudgement judgement;
    const fs::path folder = endure_folder(trial);
    if (!fs::exists(folder / "endure.json")) return judgement;
    require_observed(folder, machine, judgement);
    if (!judgement.reasons.empty()) return judgement;
    const Unpatched unpatched(lab, trial, machine, true);
    const Start start(unpatched, read_findings(folder, machine, false), machine);
    judgement.checks = start.checks;
    const auto worked_before = [&](const CheckComparison& check) {
        return std::any_of(first.checks.begin(), first.checks.end(),
                           [&](const CheckComparison& then) {
                               return then.suite == check.suite && then.name == check.name &&
                                      then.after == testsuites::Outcome::pass;
                           });
    };
    std::vector<Reason> found = weighed(start.troubles(unpatched, machine, worked_before), trial,
                                        unpatched, machine, worked_before);
    append(found, regressions_of_measures(machine, unpatched.all_captures(), start.after, true,
                                          read_beside(trial, machine).boots));
    judgement.changes = changes_of(run, lab, folder, machine, true);
    std::erase_if(judgement.changes, [&](const snapshots::Change& change) {
        return (!change.sensitive && change.kind != snapshots::ChangeKind::unreadable) ||
               std::any_of(first.changes.begin(), first.changes.end(),
                           [&](const snapshots::Change& then) {
                               return then.cls == change.cls && then.subject == change.subject &&
                                      then.after == change.after;
                           });
    });
    append(found, reasons_of_changes(judgement.changes));
    for (Reason& reason : found) {
        if (contains_reason(first.reasons, reason)) continue;
        reason.after_reboot = true;
        judgement.reasons.push_back(reason);
    }
    return judgement;
}

/// One check as a line of run.json; `later`: its result after the reboot that followed, where there
/// was one.
Json with_later(const CheckComparison& check, const std::vector<CheckComparison>& later) {
    Json json = to_json(check);
    for (const CheckComparison& again : later)
        if (again.suite == check.suite && again.name == check.name) {
            json["after_reboot"] = name(again.after);
            if (again.flaky) json["flaky"] = true;
            if (check.detail.empty()) json["detail"] = again.detail;
        }
    return json;
}

}  // namespace

fs::path doubted_folder(const RunFolder& run) { return run.work() / "doubted"; }
bool was_doubted(const RunFolder& run) { return fs::exists(doubted_folder(run)); }

std::vector<Reason> reasons_so_far(const RunContext& run, const PreparedLab& lab,
                                   const fs::path& trial) {
    std::vector<Reason> reasons = noted(run, trial);
    for (const MachineRequest& machine : run.request.machines) {
        const MachineJudgement judgement = judge_machine(run, lab, trial, machine.definition.name);
        append(reasons, judgement.reasons);
        append(reasons, judge_endured(run, lab, trial, judgement, machine.definition.name).reasons);
    }
    return reasons;
}

Verdict judge_run(const RunContext& run, const PreparedLab* lab, const fs::path& trial,
                  const std::vector<Reason>& faults) {
    std::vector<Reason> reasons = faults;
    Json checks = Json::array(), changes = Json::array();
    std::size_t check_count = 0, change_count = 0;
    if (!lab || trial.empty()) {
        if (reasons.empty())
            reasons.push_back({ReasonKind::lab_fault, "", "trial",
                               "no trial of the patch came about", Effect::inconclusive});
    } else {
        append(reasons, noted(run, trial));
        append(reasons, read_reasons(endure_folder(trial)));
        append(reasons, read_reasons(again_folder(trial)));
        for (const MachineRequest& machine : run.request.machines) {
            const MachineJudgement judgement =
                judge_machine(run, *lab, trial, machine.definition.name);
            const MachineJudgement endured =
                judge_endured(run, *lab, trial, judgement, machine.definition.name);
            append(reasons, judgement.reasons);
            append(reasons, endured.reasons);
            for (const auto& check : judgement.checks)
                checks.push_back(with_later(check, endured.checks));
            for (const auto* list : {&judgement.changes, &endured.changes})
                for (const auto& change : *list) {
                    changes.push_back(snapshots::to_json(change));
                    if (!change.attribution.is_noise()) ++change_count;
                }
            check_count += judgement.checks.size();
        }
    }
    name_services(reasons, run.request.machines);
    sort_by_cause(reasons);
    const Verdict verdict = judge(reasons);
    write_json(run.folder.work() / "verdict.json",
               {{"verdict", name(verdict)},
                {"summary", summary(verdict, reasons, check_count, change_count)},
                {"reasons", to_json(reasons)},
                {"checks", checks},
                {"changes", changes}});
    return verdict;
}

}  // namespace patchlab::pipeline
