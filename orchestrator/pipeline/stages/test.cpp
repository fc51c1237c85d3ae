// SPDX-License-Identifier: Apache-2.0
//
// Stage test: the same suites as before the patch. What seems slower is measured once more before
// anybody calls it so: the host may have been busy for a moment. What still seems so is measured
// beside unpatched clones: the host may be busy all the time.
#include "orchestrator/pipeline/stages/beside.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "orchestrator/pipeline/verdict/regression.hpp"
#include "orchestrator/pipeline/verdict/statistics.hpp"

namespace patchlab::pipeline {

void test_machines(const Trial& trial, Stage stage) {
    const auto first = trial.session.measuring();
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        trial.tell(stage, name + ": running " + std::to_string(machine.suites.size()) + " suites");
        write_checks(trial.folder, name,
                     trial.run.backend.run_suites(trial.session.channel(name), machine.suites));
    }
}

namespace {

UnpatchedChecks unpatched_checks(const PreparedLab& lab, const std::string& machine) {
    UnpatchedChecks all{lab.baseline(machine).checks};
    for (Findings& control :
         lab.control_findings(machine, {ControlKind::plain, ControlKind::restart}))
        all.push_back(std::move(control.checks));
    return all;
}

bool is_better(const testsuites::CheckResult& again, const testsuites::CheckResult& first) {
    const int left = testsuites::unfinished_samples(again);
    const int left_at_first = testsuites::unfinished_samples(first);
    if (left != left_at_first) return left < left_at_first;
    return median(turn_of(again)) < median(turn_of(first));
}

/// The better of two measurements counts. Gives the checks that seem slower in both.
std::vector<std::string> measure_again(const Trial& trial, Stage stage,
                                       const MachineRequest& machine) {
    const std::string& name = machine.definition.name;
    std::vector<testsuites::CheckResult> results = read_checks(trial.folder, name);
    const UnpatchedChecks unpatched = unpatched_checks(trial.lab, name);
    const std::vector<std::string> slow = slower_checks(unpatched, results);
    if (slow.empty()) return {};
    trial.tell(stage, name + ": measuring " + slow.front() + " once more, it seems slower");
    const auto first = trial.session.measuring();
    for (const testsuites::CheckResult& again : trial.run.backend.run_suites(
             trial.session.channel(name), only_checks(machine.suites, slow)))
        for (testsuites::CheckResult& result : results) {
            const bool same = result.suite == again.suite && result.name == again.name &&
                              again.outcome == testsuites::Outcome::pass;
            if (!same || !is_better(again, result)) continue;
            result.samples = again.samples;
            result.seconds = again.seconds;
        }
    write_checks(trial.folder, name, results);
    return slower_checks(unpatched, results);
}

}  // namespace

void look_at_speed(const Trial& trial, Stage stage) {
    std::map<std::string, std::vector<std::string>> slow;
    for (const MachineRequest& machine : trial.run.request.machines)
        if (auto checks = measure_again(trial, stage, machine); !checks.empty())
            slow[machine.definition.name] = std::move(checks);
    if (slow.empty()) return;
    trial.tell(stage, slow.begin()->first + ": measuring " + slow.begin()->second.front() +
                          " in turns with an unpatched clone, it still seems slower");
    measure_beside(trial, slow);
}

void test(const Trial& trial) {
    test_machines(trial, Stage::test);
    look_at_speed(trial, Stage::test);
}

}  // namespace patchlab::pipeline
