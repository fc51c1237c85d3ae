// SPDX-License-Identifier: Apache-2.0
//
// Stage faults, on request: what becomes of a machine on which the installation is hit by a power
// cut, a full disk, or more than one reboot. Each fault on fresh clones from the checkpoint. The
// findings say whether the machine came back, whether the package system was consistent, what had
// to be done, and whether the machine works in the end. A vendor rarely promises any of this, so
// what is found asks for a review and does not reject.
#include "guest_scripts.hpp"
#include "orchestrator/families/guest_installer.hpp"
#include "orchestrator/families/package_family.hpp"
#include "orchestrator/intake/patch_disk.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

struct Survival {
    bool came_back = true;
    bool consistent = true;
    std::string audit;  ///< what the package manager complained of
    std::vector<std::string>
        had_to_do;           ///< commands that brought the machine in order, in their order
    bool installed = false;  ///< the new versions, in the end
    std::vector<std::string> broken;  ///< checks that passed before and do not now
    std::string detail;
    bool fine() const { return came_back && installed && broken.empty(); }
};

Json to_json(const std::string& fault, const std::string& machine, const Survival& survival,
             double seconds) {
    return {{"fault", fault},
            {"machine", machine},
            {"came_back", survival.came_back},
            {"consistent", survival.consistent},
            {"audit", survival.audit},
            {"had_to_do", survival.had_to_do},
            {"installed", survival.installed},
            {"broken_checks", survival.broken},
            {"detail", survival.detail},
            {"seconds", seconds}};
}

/// One fault on one machine.
class Ordeal {
  public:
    Ordeal(const Trial& trial, InstallOrder order) : trial_(trial), order_(std::move(order)) {}

    Survival power_cut() {
        begin_installation(trial_, order_);
        // The guest waits for the moment itself: the first package is being unpacked.
        const bool hit = channel().run(installer().await_unpacking()).ok();
        tell(hit ? "power cut while the first package is unpacked"
                 : "power cut after the installation, which was over at once");
        trial_.session.power_cycle(order_.machine, trial_.lab.boot_seconds());
        wait_until_settled(channel(), trial_.lab.settling_time());
        return mend();
    }

    Survival disk_full() {
        tell("installing with a full disk");
        if (!channel().run_script(embedded::guest_scripts::file("fill_disk.sh"), Seconds(120)).ok())
            throw Error(ErrorCode::lab,
                        "the disk of machine '" + order_.machine + "' could not be filled");
        const Installation first = install(trial_, order_);
        channel().run_script(embedded::guest_scripts::file("empty_disk.sh"), Seconds(120));
        Survival survival = mend();
        survival.detail = first.exit_code == 0
                              ? "the installation did not notice that the disk was full"
                              : "with a full disk: " + first.last_lines.substr(0, 400);
        return survival;
    }

    Survival second_reboot() {
        Survival survival;
        tell("installing, and two reboots after it");
        const Installation installation = install(trial_, order_);
        survival.installed = installation.exit_code == 0 && installation.wrong.empty();
        for (int reboot = 0; reboot < 2; ++reboot)
            trial_.session.reboot(order_.machine, trial_.lab.boot_seconds());
        wait_until_settled(channel(), trial_.lab.settling_time());
        look(survival);
        return survival;
    }

  private:
    guest::GuestChannel& channel() { return trial_.session.channel(order_.machine); }
    const families::GuestInstaller& installer() const {
        return families::family(trial_.run.request.machine(order_.machine).family).installer();
    }
    void tell(const std::string& what) { trial_.tell(Stage::faults, order_.machine + ": " + what); }

    /// Brings an interrupted installation to its end as an administrator would, and looks at the
    /// machine.
    Survival mend() {
        Survival survival;
        look_at_packages(survival);
        if (!survival.consistent)
            for (const families::RepairStep& step : installer().repair()) {
                tell(step.title);
                survival.had_to_do.push_back(step.title);
                channel().run(step.command);
            }
        tell("installing again");
        survival.had_to_do.push_back("the installation once more");
        const Installation again = install(trial_, order_);
        survival.installed = again.exit_code == 0 && again.wrong.empty() && again.audit.empty();
        if (!survival.installed) survival.detail = again.last_lines.substr(0, 400);
        restart_stale(trial_, order_.machine);
        look(survival);
        return survival;
    }

    void look_at_packages(Survival& survival) {
        bool first = true;
        for (const guest::GuestCommand& question : installer().audit()) {
            const guest::GuestResult answer = channel().run(question);
            if (std::exchange(first, false)) survival.audit = answer.out.substr(0, 2000);
            survival.consistent = survival.consistent && answer.ok() && answer.out.empty();
        }
    }

    void look(Survival& survival) {
        tell("running its suites");
        const auto checks = trial_.run.backend.run_suites(
            channel(), trial_.run.request.machine(order_.machine).suites);
        write_checks(trial_.folder, order_.machine, checks);
        for (const CheckComparison& check :
             compare_checks(order_.machine, trial_.lab.baseline(order_.machine).checks, {}, checks))
            if (assessment::stopped_passing(check)) survival.broken.push_back(check.key());
    }

    const Trial& trial_;
    InstallOrder order_;
};

Survival undergo(const std::string& fault, const Trial& trial, const InstallOrder& order) {
    Ordeal ordeal(trial, order);
    if (fault == "power-cut") return ordeal.power_cut();
    if (fault == "disk-full") return ordeal.disk_full();
    if (fault == "second-reboot") return ordeal.second_reboot();
    throw Error(ErrorCode::invalid, "there is no fault '" + fault + "'");
}

void explain(const Trial& trial, const std::string& fault, const std::string& machine,
             const Survival& survival) {
    if (survival.fine()) return;
    std::string what;
    if (!survival.came_back) what = "the machine did not come back: " + survival.detail;
    else if (!survival.installed)
        what = "the packages could not be brought in order: " + survival.detail;
    else what = "does not work any more: " + survival.broken.front();
    trial.add_reason({ReasonKind::fault_not_survived, machine, fault, what, Effect::review});
}

Json undergo_on_all(const std::string& fault, const Trial& patched, const fs::path& disk) {
    const RunRequest& request = patched.run.request;
    const fs::path folder = patched.folder / fault;
    remove_tree(folder);
    make_folder(folder, 0710);
    LabSession session(patched.run.backend, patched.run.hypervisor, patched.run.emulators,
                       patched.run.sockets, folder / "machines", request);
    const Trial trial{patched.run, patched.lab, folder, session};
    session.restore(patched.lab);
    const std::vector<InstalledPackages> everywhere = installed_on_all(request, patched.lab);
    Json findings = Json::array();
    for (std::size_t i = 0; i < request.machines.size(); ++i) {
        const std::string& machine = request.machines[i].definition.name;
        InstallOrder order{
            machine, packages_for(request.patches, everywhere[i], everywhere), {}, disk};
        if (order.packages.empty()) continue;
        order.downgrade = request.allow_downgrade;
        order.deadline = Seconds(request.apply_deadline);
        order.stall_after = Seconds(request.stall_after);
        order.log = trial.logs(machine) / "apply.log";
        order.stage = Stage::faults;
        const Stopwatch watch;
        Survival survival;
        try {
            survival = undergo(fault, trial, order);
        } catch (const guest::ChannelLost& lost) {
            if (session.explain_silence(machine) == Silence::lab) throw;
            survival.came_back = false;
            survival.consistent = false;
            survival.detail = lost.what();
        }
        explain(patched, fault, machine, survival);
        findings.push_back(to_json(fault, machine, survival, watch.seconds()));
    }
    session.end();
    return findings;
}

}  // namespace

void faults_stage(const Trial& trial) {
    const RunRequest& request = trial.run.request;
    trial.session.end();  // the patched clones have told what they had to tell
    std::vector<const intake::Patch*> patches;
    for (const intake::Patch& patch : request.patches) patches.push_back(&patch);
    const fs::path disk = trial.folder / "patch.img";
    if (!fs::exists(disk))
        intake::make_patch_disk(patches, false, disk, *trial.run.backend.commands);
    Json findings = Json::array();
    for (const std::string& fault : request.faults)
        for (Json& finding : undergo_on_all(fault, trial, disk))
            findings.push_back(std::move(finding));
    write_json(trial.folder / "faults.json", findings);
}

}  // namespace patchlab::pipeline
