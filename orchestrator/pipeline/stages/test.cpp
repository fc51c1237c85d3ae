// SPDX-License-Identifier: Apache-2.0
//
// Stage test: the same suites as before the patch. What seems slower is measured once more before anybody calls it so: the host may have
// been busy for a moment.
#include <algorithm>

#include "orchestrator/pipeline/regression.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "orchestrator/pipeline/statistics.hpp"

namespace patchlab::pipeline {

void test_machines(const Trial& trial, Stage stage) {
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        trial.tell(stage, name + ": running " + std::to_string(machine.suites.size()) + " suites");
        write_checks(trial.folder, name, trial.run.backend.run_suites(trial.session.channel(name), machine.suites));
    }
}

namespace {

UnpatchedChecks unpatched_checks(const PreparedLab& lab, const std::string& machine) {
    UnpatchedChecks all{lab.baseline(machine).checks};
    for (Findings& control : lab.control_findings(machine, {ControlKind::plain, ControlKind::restart})) all.push_back(std::move(control.checks));
    return all;
}

/// The suites that hold one of these checks ("suite/name").
std::vector<testsuites::Suite> suites_with(const std::vector<testsuites::Suite>& suites, const std::vector<std::string>& checks) {
    std::vector<testsuites::Suite> found;
    for (const testsuites::Suite& suite : suites)
        if (std::any_of(checks.begin(), checks.end(), [&](const std::string& check) { return check.starts_with(suite.name + "/"); })) found.push_back(suite);
    return found;
}

/// The better of two measurements counts.
void measure_again(const Trial& trial, const MachineRequest& machine) {
    const std::string& name = machine.definition.name;
    std::vector<testsuites::CheckResult> results = read_checks(trial.folder, name);
    const std::vector<std::string> slow = slower_checks(unpatched_checks(trial.lab, name), results);
    if (slow.empty()) return;
    trial.tell(Stage::test, name + ": measuring " + slow.front() + " once more, it seems slower");
    for (const testsuites::CheckResult& again : trial.run.backend.run_suites(trial.session.channel(name), suites_with(machine.suites, slow)))
        for (testsuites::CheckResult& result : results) {
            const bool same = result.suite == again.suite && result.name == again.name && again.outcome == testsuites::Outcome::pass;
            if (same && median(again.samples) < median(result.samples)) result.samples = again.samples;
        }
    write_checks(trial.folder, name, results);
}

}  // namespace

StageEnd test(const Trial& trial) {
    test_machines(trial, Stage::test);
    for (const MachineRequest& machine : trial.run.request.machines) measure_again(trial, machine);
    return StageEnd::ok;
}

}  // namespace patchlab::pipeline
