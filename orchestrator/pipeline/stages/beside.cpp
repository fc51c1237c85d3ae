// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/beside.hpp"

#include <algorithm>
#include <future>

#include "orchestrator/pipeline/lab/unpatched_record.hpp"
#include "orchestrator/pipeline/stages/patch_contents.hpp"
#include "orchestrator/pipeline/verdict/statistics.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/log.hpp"

namespace patchlab::pipeline {

namespace {

constexpr const char* clone_word = "beside";
constexpr const char* boot_measure = "boot-seconds";

fs::path rounds_file(const fs::path& trial, const std::string& machine) {
    return beside_folder(trial) / (machine + "-rounds.json");
}
fs::path boots_file(const fs::path& trial, const std::string& machine) {
    return beside_folder(trial) / (machine + "-boots.json");
}

/// The clone beside failed; says nothing about the patch.
class CloneLost : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Does something with the unpatched clone, whose silence must not be taken for that of the patched
/// machine.
template <typename Work>
auto of_clone(Work&& work) {
    try {
        return work();
    } catch (const Error& error) {
        throw CloneLost(error.what());
    }
}

/// Unpatched clones of the lab's machines, for as long as `work(session)` takes. False when they
/// failed.
template <typename Work>
bool beside(const Trial& trial, Reboots reboots, Work&& work) {
    if (trial.lab.kind() != virt::CheckpointKind::mapped) return false;
    const fs::path machines = beside_folder(trial.folder) / "machines";
    remove_tree(machines);
    make_folder(machines, 0710);
    try {
        LabSession session(trial.run.backend, trial.run.hypervisor, trial.run.emulators,
                           trial.run.sockets, machines, trial.run.request, clone_word);
        of_clone([&] { return session.restore(trial.lab, reboots); });
        work(session);
        of_clone([&] { session.end(); });
        return true;
    } catch (const CloneLost& lost) {
        log_warning(std::string("the unpatched clone beside the patched machine: ") + lost.what());
        return false;
    }
}

/// Nothing when the check gave no answer.
void add_round(Rounds& rounds, std::vector<std::vector<double>> Rounds::*side,
               const std::vector<testsuites::CheckResult>& results) {
    for (const testsuites::CheckResult& result : results)
        if (result.suite == rounds.suite && result.name == rounds.name &&
            result.outcome == testsuites::Outcome::pass)
            (rounds.*side).push_back(turn_of(result));
}

/// The check as it is repeated in turns. One that crawls is asked less often: so many times as half
/// of its time has room for.
std::vector<testsuites::Suite> for_turns(const Trial& trial, const std::string& machine,
                                         const std::string& check) {
    auto suites = only_checks(trial.run.request.machine(machine).suites, {check});
    for (const testsuites::CheckResult& seen : read_checks(trial.folder, machine)) {
        const bool crawls = seen.suite + "/" + seen.name == check &&
                            testsuites::unfinished_samples(seen) > 0 &&
                            median(seen.samples) * seen.wanted_samples > seen.sampling_limit;
        if (crawls)
            for (testsuites::Suite& suite : suites)
                for (testsuites::Check& one : suite.checks)
                    one.samples = std::max(1, static_cast<int>(seen.samples.size() / 2));
    }
    return suites;
}

Rounds take_turns(const Trial& trial, LabSession& clone, const std::string& machine,
                  const std::string& check) {
    Rounds rounds{check.substr(0, check.find('/')), check.substr(check.find('/') + 1), {}, {}};
    const auto suites = for_turns(trial, machine, check);
    const auto unpatched = [&] {
        return of_clone(
            [&] { return trial.run.backend.run_suites(clone.channel(machine), suites); });
    };
    const auto patched = [&] {
        return trial.run.backend.run_suites(trial.session.channel(machine), suites);
    };
    unpatched();  // the patched machine has answered this before; an emulator is slower the first
                  // time
    for (std::size_t round = 0; is_open(rounds); ++round) {
        // neither side is always the first
        if (round % 2) add_round(rounds, &Rounds::patched, patched());
        add_round(rounds, &Rounds::unpatched, unpatched());
        if (round % 2 == 0) add_round(rounds, &Rounds::patched, patched());
        if (rounds.patched.size() != round + 1 || rounds.unpatched.size() != round + 1)
            break;  // a turn without an answer
    }
    return rounds;
}

snapshots::Capture boot_of(const Trial& trial, LabSession& session, const std::string& machine) {
    session.reboot(machine, trial.lab.boot_seconds());
    wait_until_settled(session.channel(machine), trial.lab.settling_time());
    return trial.run.backend.capture(session.channel(machine),
                                     capture_options(trial.run.request, machine));
}

double boot_seconds(const snapshots::Capture& capture) {
    const auto found = capture.measures.find(boot_measure);
    return found == capture.measures.end() ? 0 : found->second;
}

}  // namespace

fs::path beside_folder(const fs::path& trial) { return trial / "beside"; }

bool Beside::settles(const Reason& regression) const {
    return (boots && regression.subject == boot_time) ||
           std::any_of(checks.begin(), checks.end(), [&](const Rounds& check) {
               return check.suite + "/" + check.name == regression.subject;
           });
}

Beside read_beside(const fs::path& trial, const std::string& machine) {
    Beside found;
    if (const fs::path file = rounds_file(trial, machine); fs::exists(file))
        for (const Json& check : read_json(file))
            found.checks.push_back({check.at("suite").get<std::string>(),
                                    check.at("name").get<std::string>(),
                                    check.at("unpatched").get<std::vector<std::vector<double>>>(),
                                    check.at("patched").get<std::vector<std::vector<double>>>()});
    if (const fs::path file = boots_file(trial, machine); fs::exists(file)) {
        const Json boots = read_json(file);
        found.boots = Boots{boots.at("unpatched").get<double>(), boots.at("patched").get<double>()};
    }
    return found;
}

std::vector<testsuites::Suite> only_checks(const std::vector<testsuites::Suite>& suites,
                                           const std::vector<std::string>& checks) {
    std::vector<testsuites::Suite> found;
    for (testsuites::Suite suite : suites) {
        std::erase_if(suite.checks, [&](const testsuites::Check& check) {
            return std::find(checks.begin(), checks.end(), suite.name + "/" + check.name) ==
                   checks.end();
        });
        if (!suite.checks.empty()) found.push_back(std::move(suite));
    }
    return found;
}

void measure_beside(const Trial& trial,
                    const std::map<std::string, std::vector<std::string>>& checks) {
    std::map<std::string, Json> found;
    const bool whole = beside(trial, Reboots::none, [&](LabSession& clone) {
        const auto first = trial.session.measuring();
        const auto as_well = clone.measuring();
        for (const auto& [machine, slow] : checks)
            for (const std::string& check : slow) {
                const Rounds rounds = take_turns(trial, clone, machine, check);
                if (rounds.unpatched.empty() || rounds.unpatched.size() != rounds.patched.size())
                    continue;  // a turn without an answer settles nothing
                found[machine].push_back({{"suite", rounds.suite},
                                          {"name", rounds.name},
                                          {"unpatched", rounds.unpatched},
                                          {"patched", rounds.patched}});
            }
    });
    if (!whole) return;
    for (const auto& [machine, rounds] : found)
        write_json(rounds_file(trial.folder, machine), rounds);
}

void boot_beside(const Trial& trial, const std::string& machine) {
    Boots boots;
    const bool whole = beside(trial, Reboots::expected, [&](LabSession& clone) {
        auto unpatched = std::async(std::launch::async, [&] {
            return of_clone([&] { return boot_of(trial, clone, machine); });
        });
        trial.session.release(machine);
        boots.patched = boot_seconds(boot_of(trial, trial.session, machine));
        const snapshots::Capture seen = unpatched.get();
        boots.unpatched = boot_seconds(seen);
        of_clone([&] {
            record_unpatched(trial.run.request, trial.lab, machine, {{}, seen, {}},
                             trial.run.backend.clock->now());
        });
    });
    if (whole && boots.patched > 0 && boots.unpatched > 0)
        write_json(boots_file(trial.folder, machine),
                   {{"unpatched", boots.unpatched}, {"patched", boots.patched}});
}

}  // namespace patchlab::pipeline
