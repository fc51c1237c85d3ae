// SPDX-License-Identifier: Apache-2.0
//
// Stage drill: the way back, practised. First, on the patched machines, the exact old versions
// again: retested and compared with the machine before the patch (verdict/left_behind.hpp). Then
// back to the checkpoint on fresh clones: retested and compared, the difference must be nothing.
// Neither is measured against anything, so both go at once where the host bears it.
#include <algorithm>
#include <future>
#include <map>
#include <set>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/intake/patch_disk.hpp"
#include "orchestrator/pipeline/lab/capacity.hpp"
#include "orchestrator/pipeline/lab/unpatched_record.hpp"
#include "orchestrator/pipeline/run/lease.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "orchestrator/pipeline/verdict/assess.hpp"
#include "orchestrator/pipeline/verdict/drill_result.hpp"
#include "orchestrator/pipeline/verdict/left_behind.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

/// By machine: what was not there before the patch and was taken away again.
using Removals = std::map<std::string, std::set<std::string>>;

/// `removed`: on this machine.
void add_changes(Difference& difference, const Trial& trial, const std::string& machine,
                 bool rebooted, const std::set<std::string>& removed) {
    const InstalledPackages before = installed_packages(trial.lab.baseline(machine).capture);
    const auto changes = changes_of(trial.run, trial.lab, trial.folder, machine, rebooted);
    for (const snapshots::Change& change :
         left_behind(changes, trial.run.contents->of(trial.run.request, machine, before), removed,
                     attribution_rules(trial.run.request, machine)))
        add_change(difference, machine + ": " + std::string(snapshots::name(change.cls)) + " " +
                                   change.subject + " (" +
                                   std::string(snapshots::name(change.kind)) + ")");
}

std::vector<std::string> broken_checks(const Trial& trial) {
    std::vector<std::string> broken;
    const std::vector<ControlKind> kinds{ControlKind::plain, ControlKind::restart,
                                         ControlKind::reboot};
    for (const MachineRequest& request : trial.run.request.machines) {
        const std::string& machine = request.definition.name;
        std::vector<std::vector<testsuites::CheckResult>> controls;
        for (const Findings& control : trial.lab.control_findings(machine, kinds))
            controls.push_back(control.checks);
        for (const CheckComparison& check :
             compare_checks(machine, trial.lab.baseline(machine).checks, controls,
                            read_checks(trial.folder, machine)))
            if (assessment::stopped_passing(check)) broken.push_back(machine + ": " + check.key());
    }
    return broken;
}

Difference difference_of(const Trial& trial, bool rebooted, const Removals& removals = {}) {
    Difference difference;
    for (const MachineRequest& machine : trial.run.request.machines) {
        const auto removed = removals.find(machine.definition.name);
        add_changes(difference, trial, machine.definition.name, rebooted,
                    removed == removals.end() ? std::set<std::string>() : removed->second);
    }
    difference.broken = broken_checks(trial);
    return difference;
}

/// A start may complain of something that the next one does not: what is broken after both is
/// broken.
void settle_broken(const Trial& back, Difference& difference) {
    for (const MachineRequest& machine : back.run.request.machines)
        reboot_and_settle(back, Stage::drill, machine.definition.name, in_doubt);
    test_machines(back, Stage::drill);
    const std::vector<std::string> still = broken_checks(back);
    std::erase_if(difference.broken, [&](const std::string& check) {
        return std::find(still.begin(), still.end(), check) == still.end();
    });
}

constexpr const char* revert_word = "revert";

/// Whether the way back to the checkpoint may be taken beside the patched machines. Not where a
/// regression is suspected: those clones are a witness then, and are not to be disturbed.
bool may_be_beside(const Trial& patched, FindingsReader& findings) {
    const RunRequest& request = patched.run.request;
    return patched.lab.kind() == virt::CheckpointKind::mapped &&
           bears_one_more(request, room_of_this_host(), workers_alive(request.state)) &&
           !regression_suspected(findings.read(patched.folder));
}

/// `clone`: the word that these machines bear beside the patched ones; none when those have ended.
Reverted revert(const Trial& patched, const std::string& clone = {}) {
    const Stopwatch watch;
    const fs::path folder = revert_folder(patched.folder);
    remove_tree(folder);
    make_folder(folder, 0710);
    LabSession session(patched.run.backend, patched.run.hypervisor, patched.run.emulators,
                       patched.run.sockets, folder / "machines", patched.run.request, clone);
    const Trial trial{patched.run, patched.lab, folder, session};
    trial.tell(Stage::drill, "back to the checkpoint");
    session.restore(patched.lab, Reboots::none);
    Reverted reverted;
    reverted.restore_seconds = watch.seconds();
    test_machines(trial, Stage::drill);
    observe_machines(trial, Stage::drill);
    compare_machines(trial);
    session.end();
    record_unpatched_trial(trial.run.request, trial.lab, folder, trial.run.backend.clock->now());
    reverted.difference = difference_of(trial, false);
    reverted.seconds = watch.seconds();
    return reverted;
}

bool failed(const Installation& installation) {
    return installation.exit_code != 0 || !installation.wrong.empty();
}

/// The old versions again on one machine; nullopt when they were not kept. A busy host may make a
/// good installation fail, and hardly twice: what failed is tried once more, as whoever must go
/// back would, and why it had failed is in `stumbled`.
std::optional<Installation> go_back(const Trial& patched, const Trial& back,
                                    const std::string& machine, const fs::path& disk,
                                    BackoutPlan& plan, std::string& stumbled) {
    const InstalledPackages before = installed_packages(patched.lab.baseline(machine).capture);
    const InstalledPackages after =
        installed_packages(read_findings(patched.folder, machine, false).capture);
    plan = backout_plan(patched.run.request.patches, before, after);
    if (!plan.missing.empty() || plan.empty()) return std::nullopt;
    InstallOrder order{machine, plan.packages, plan.removals, disk};
    order.serial = "patchlab-back";
    order.downgrade = true;
    order.log = back.logs(machine) / "back-out.log";
    order.stage = Stage::drill;
    order.stall_after = Seconds(patched.run.request.stall_after);
    back.tell(Stage::drill, machine + ": installing the old versions again");
    const Installation first = install(back, order);
    if (!failed(first) || first.timed_out) return first;
    stumbled = machine + ": " + first.why;
    order.log = back.logs(machine) / "back-out-again.log";
    back.tell(Stage::drill, machine + ": that failed; installing the old versions once more");
    return install(back, order);
}

Downgrade downgrade(const Trial& patched) {
    const Stopwatch watch;
    const RunRequest& request = patched.run.request;
    const Trial back{patched.run, patched.lab, patched.folder / "downgrade", patched.session};
    remove_tree(back.folder);
    make_folder(back.folder, 0710);
    std::vector<const intake::Patch*> patches;
    for (const intake::Patch& patch : request.patches) patches.push_back(&patch);
    const fs::path disk = back.folder / "old.img";
    intake::make_patch_disk(patches, true, disk, *patched.run.backend.commands);
    Downgrade out;
    Removals removals;
    for (const MachineRequest& machine : request.machines) {
        const std::string& name = machine.definition.name;
        patched.session.release(name);
        BackoutPlan plan;
        const auto installation = go_back(patched, back, name, disk, plan, out.stumbled);
        if (!plan.missing.empty()) {
            out.possible = false;
            out.detail = "the exact old version was not kept: " + plan.missing.front();
            return out;
        }
        if (!installation) continue;
        removals[name].insert(plan.removals.begin(), plan.removals.end());
        write_json(back.folder / (name + "-apply.json"), pipeline::to_json(*installation));
        if (failed(*installation)) {
            out.detail = name + ": the old versions did not install: " + installation->why;
            return out;
        }
        if (needs_reboot(request)) patched.session.reboot(name, patched.lab.boot_seconds());
        else restart_stale(back, name);
        wait_until_settled(patched.session.channel(name), patched.lab.settling_time());
    }
    test_machines(back, Stage::drill);
    observe_machines(back, Stage::drill);
    compare_machines(back);
    Difference difference = difference_of(
        back, needs_reboot(request) || fs::exists(endure_folder(patched.folder) / "endure.json"),
        removals);
    out.broken_before_reboot = difference.broken;
    if (!difference.broken.empty()) settle_broken(back, difference);
    out.seconds = watch.seconds();
    if (difference.changes > 0) out.detail = "not as before: " + words_of_changes(difference);
    if (!difference.broken.empty())
        out.detail = "does not work again: " + difference.broken.front();
    out.difference = std::move(difference);
    return out;
}

/// A line that begins so is a command (docs/formats/run.md).
const std::string command_mark = "    ";

/// The services that were restarted for the patch, without those of the lab itself. Names that a
/// shell would not take as they stand are left out.
std::vector<std::string> restarted_units(const Trial& trial, const std::string& machine) {
    const fs::path file = trial.folder / (machine + "-restart.json");
    if (!fs::exists(file)) return {};
    const Json restarts = read_json(file);
    std::vector<std::string> units;
    for (const std::string& unit : JsonReader(restarts, "restart").strings_or_empty("restarted")) {
        const bool plain = unit.find_first_not_of(
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "@._:-") == std::string::npos;
        if (plain && !unit.starts_with("qemu-guest-agent")) units.push_back(unit);
    }
    return units;
}

void add_restarts(std::vector<std::string>& lines, const std::vector<std::string>& units) {
    if (units.empty()) {
        lines.emplace_back("Then restart the services that used the packages, or reboot.");
        return;
    }
    lines.emplace_back("Then restart the services that used the packages, or reboot:");
    std::string command = command_mark + "systemctl restart";
    for (const std::string& unit : units) command += " " + unit;
    lines.push_back(std::move(command));
}

/// `reboot`: what the machines need to be as before.
std::vector<std::string> instructions(const Trial& trial, bool reboot) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < trial.run.request.machines.size(); ++i) {
        const std::string& machine = trial.run.request.machines[i].definition.name;
        const InstalledPackages before = installed_packages(trial.lab.baseline(machine).capture);
        const BackoutPlan plan =
            backout_plan(trial.run.request.patches, before,
                         installed_packages(read_findings(trial.folder, machine, false).capture));
        if (plan.empty()) continue;
        const families::PackageFamily& family =
            families::family(trial.run.request.machines[i].family);
        std::vector<families::ExactPackage> back;
        std::vector<std::string> names;
        for (const ExpectedPackage& package : plan.packages) {
            back.push_back({package.name, package.version});
            names.push_back(package.name);
        }
        lines.push_back("On each host like '" + machine + "', as root:");
        for (const std::string& command : family.backout_commands(back, plan.removals))
            lines.push_back(command_mark + command);
        if (reboot) lines.emplace_back("Then reboot it.");
        else add_restarts(lines, restarted_units(trial, machine));
        lines.emplace_back("Check that the versions are back:");
        lines.push_back(command_mark + family.list_command(names));
    }
    return lines;
}

/// A machine that is lost on the way back, or breaks there, is what the drill found out.
Downgrade downgrade_or_loss(const Trial& trial) {
    Downgrade lost;
    try {
        return downgrade(trial);
    } catch (const guest::ChannelLost& silence) {
        if (trial.session.explain_silence(trial.run.request.machines.front().definition.name) ==
            Silence::lab)
            throw;
        lost.detail = std::string("the machine was lost on the way back: ") + silence.what();
    } catch (const MachineBroken& broken) {
        lost.detail = broken.what();
    }
    return lost;
}

}  // namespace

fs::path revert_folder(const fs::path& trial) { return trial / "revert"; }

void drill(const Trial& trial, FindingsReader& findings) {
    DrillResult result;
    result.at_once = may_be_beside(trial, findings);
    std::future<Reverted> reverted;
    if (result.at_once)
        reverted = std::async(std::launch::async, [&] { return revert(trial, revert_word); });
    result.downgrade = downgrade_or_loss(trial);
    trial.session.end();
    result.reverted = result.at_once ? reverted.get() : revert(trial);
    if (!result.reverted.restored())
        result.reverted = revert(trial);  // a busy host may have done it, and hardly does it twice
    const bool reboots =
        needs_reboot(trial.run.request) || !result.downgrade.broken_before_reboot.empty();
    result.instructions = instructions(trial, reboots);
    write_json(trial.folder / "drill.json", to_json(result));
    for (const Reason& reason : reasons_of_drill(result)) trial.add_reason(reason);
}

}  // namespace patchlab::pipeline
