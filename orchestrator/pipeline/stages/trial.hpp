// SPDX-License-Identifier: Apache-2.0
//
// A trial: one passage of the lab's clones from the checkpoint to its findings, with the patch or
// (a control) without. Each stage is a function in stages/ that reads what the ones before left on
// disk and leaves its own findings there, so that a crash between two stages loses nothing, and
// evidence is a copy of what is on disk.
//   <trial>/<machine>-apply.json, -restart.json, -checks.json, -capture.json, -files.json,
//   -contents.json, logs/<machine>/…, reasons.json
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/pipeline/lab/prepared_lab.hpp"
#include "orchestrator/pipeline/lab/session.hpp"
#include "orchestrator/pipeline/lab/unpatched_record.hpp"
#include "orchestrator/pipeline/run/run_folder.hpp"
#include "orchestrator/pipeline/stage.hpp"
#include "orchestrator/pipeline/stages/packages.hpp"
#include "orchestrator/pipeline/stages/patch_contents.hpp"
#include "orchestrator/pipeline/verdict/verdict.hpp"

namespace patchlab::pipeline {

/// What every stage of one run shares.
struct RunContext {
    const RunRequest& request;
    const Backend& backend;
    RunFolder folder;
    virt::Hypervisor& hypervisor;
    LiveEmulators& emulators;
    std::filesystem::path sockets;                             ///< a folder with a short path
    std::function<void(Stage, const std::string& text)> tell;  ///< progress for people
    /// Throws LeaseLost when another attempt works the run now: asked before what cannot be undone.
    std::function<void()> check_lease;
    std::shared_ptr<PatchContents> contents = std::make_shared<PatchContents>();
};

/// One trial in the making.
struct Trial {
    const RunContext& run;
    const PreparedLab& lab;
    std::filesystem::path folder;
    LabSession& session;

    void tell(Stage stage, const std::string& text) const { run.tell(stage, text); }
    std::filesystem::path logs(const std::string& machine) const;
    /// Adds to reasons.json, durably.
    void add_reason(const Reason& reason) const;
    /// The reason that the machine's service manager still had jobs when the lab's settling_time()
    /// after `event` was over.
    void add_unsettled(const std::string& machine, const std::string& event) const;
};

std::vector<Reason> read_reasons(const std::filesystem::path& trial_folder);

/// The guest answers, but a program of its own that worked before the patch does not work any more.
/// As with ChannelLost, the worker finds out who is to blame.
class MachineBroken : public Error {
  public:
    MachineBroken(std::string machine_name, const std::string& what)
        : Error(ErrorCode::lab, "machine '" + machine_name + "' " + what),
          machine(std::move(machine_name)) {}
    std::string machine;
};

/// An installation that stood still (StallWatch).
struct Standing {
    double seconds = 0;
    std::string waits;  ///< its processes and what each waits for, as one line; may be empty
};
/// For people.
std::string described(const Standing& standing);

/// What an installation on one machine came to.
struct Installation {
    bool attempted = false;
    int exit_code = -1;
    bool timed_out = false;
    /// It stood still, and was ended before its deadline: for how long, and what it waited for.
    std::optional<Standing> stalled;
    std::string processes{};  ///< of one that stood still, for its log
    double seconds = 0;
    std::string last_lines;  ///< of the package manager's output
    std::string why;  ///< GuestInstaller::failure_in() of that output; of no meaning when the
                      ///< installation succeeded
    std::vector<ExpectedPackage> expected;
    std::vector<std::pair<std::string, std::string>> wrong;  ///< package → what is there instead
    std::string audit;  ///< what the package manager complains of: packages left half-way
    std::vector<std::string> held{};  ///< of these packages, what the owner had put on hold
};
Json to_json(const Installation& installation);

struct InstallOrder {
    std::string machine;
    std::vector<ExpectedPackage> packages;
    std::vector<std::string> removals;  ///< packages to remove on the way (drill)
    std::filesystem::path patch_disk;   ///< image with the repository
    std::string serial = "patchlab-patch";
    bool downgrade = false;
    Seconds deadline{1200};
    Seconds stall_after{120};     ///< one that stands still for so long is ended
    std::filesystem::path log{};  ///< the package manager's output goes here
    Stage stage = Stage::apply;
};

/// The first half of install(): plugs the disk in and starts the installation, which then runs by
/// itself. Error(lab), ChannelLost.
void begin_installation(const Trial& trial, const InstallOrder& order);
/// Plugs the disk in, installs, proves the versions, unplugs. A failed installation is a value;
/// ChannelLost, MachineBroken, Error(lab).
Installation install(const Trial& trial, const InstallOrder& order);

/// What was restarted, and what still runs old code.
struct Restarts {
    std::vector<std::string> restarted;  ///< units
    std::vector<std::string>
        still_old;  ///< "dbus.service", "process 1", "process 4711": need a reboot to be renewed
    std::vector<std::string> failed;  ///< units that did not come back
    bool rebooted = false;
    bool units_read = false;  ///< the service manager has read its units again since the
                              ///< installation; not recorded
};
Json to_json(const Restarts& restarts);

/// Restarts the services that use replaced files, the guest agent last. ChannelLost, MachineBroken.
Restarts restart_stale(const Trial& trial, const std::string& machine);
bool needs_reboot(const RunRequest& request);

/// Suites and capture on every machine, logs collected; files frozen, machine paused. Result in the
/// trial's folder.
void test_machines(const Trial& trial, Stage stage);
void observe_machines(const Trial& trial, Stage stage);
/// Measures what seems slower in the trial's checks once more, and then beside unpatched clones.
void look_at_speed(const Trial& trial, Stage stage);
/// Adds a reason for each machine whose clock is wrong. Only for machines that were not paused
/// since they started.
void look_at_clocks(const Trial& trial);
/// Whether what small text files say is written down, too (<machine>-contents.json).
enum class Texts { left_out, kept };
/// Reads the overlays of the held machines.
void compare_machines(const Trial& trial, Texts texts = Texts::left_out);

/// What unpatched machines changed by themselves: in the controls, and ever.
struct UnpatchedChanges {
    std::vector<std::vector<snapshots::Change>> controls;
    UnpatchedRecord known;
};
/// Marks as noise what unpatched machines did, too, and attributes the rest to the patch. `before`:
/// the machine at the checkpoint.
void account_for(std::vector<snapshots::Change>& changes, const RunContext& run,
                 const std::string& machine, const snapshots::Registries& registries,
                 const snapshots::Capture& before, const UnpatchedChanges& unpatched);

/// All changes of one machine of this trial: noise of the controls marked, the rest attributed to
/// the patch.
std::vector<snapshots::Change> changes_of(const RunContext& run, const PreparedLab& lab,
                                          const std::filesystem::path& trial_folder,
                                          const std::string& machine, bool rebooted);

}  // namespace patchlab::pipeline
