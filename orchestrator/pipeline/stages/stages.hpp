// SPDX-License-Identifier: Apache-2.0
//
// The stages of a run, one function each, in a file of its own. Each reads what the stages before
// left on disk and leaves its own findings there. What a patch did wrong is noted as a reason; what
// goes wrong with the lab is thrown. Stages collect: what their findings mean is decided by
// verdict/assess.hpp, and which stage comes next, or has nothing to do, by the table in stage.hpp.
#pragma once

#include "orchestrator/pipeline/stages/trial.hpp"

namespace patchlab::pipeline {

class FindingsReader;
struct TrialFindings;

// --- preparing the lab (work on `building`, which becomes the prepared lab when it is sealed) ---
/// Overlays on the images.
void clone(const RunContext& run, const PreparedLab& building);
/// Cold start until every guest agent answers and the service managers have settled; timers
/// stopped. Gives the seconds to the agents.
double boot(const RunContext& run, const PreparedLab& building, LabSession& session,
            virt::CheckpointKind kind);
/// Suites and capture before the patch.
void baseline(const RunContext& run, const PreparedLab& building, LabSession& session);
/// Disk and memory of all machines at one moment.
void checkpoint(const RunContext& run, const PreparedLab& building, LabSession& session,
                virt::CheckpointKind kind);
/// One unpatched trial of this kind, in a session of its own; its findings are in `folder`.
void unpatched_trial(const RunContext& run, const PreparedLab& lab, ControlKind kind,
                     const std::filesystem::path& folder);
/// Unpatched trials: what changes by itself. Adds those of this kind that are missing.
void control(const RunContext& run, const PreparedLab& lab, ControlKind kind, int count);

// --- a trial ---
/// Event::negative when the patch could not be installed.
Event apply(const Trial& trial);
void restart(const Trial& trial);
void test(const Trial& trial);
void observe(const Trial& trial);
void compare(const Trial& trial);
/// <work>/doubted: the trial before this one, where what condemned the patch was seen in it for the
/// first time. A second one must show it, too.
std::filesystem::path doubted_folder(const RunFolder& run);
bool was_doubted(const RunFolder& run);
/// Reboots the patched machines and looks at them once more; findings in endure_folder(). `known`:
/// what speaks against the patch before it.
void endure(const Trial& trial, FindingsReader& findings, const std::vector<Reason>& known);
/// <trial>/endure: what was found after that reboot.
std::filesystem::path endure_folder(const std::filesystem::path& trial);
/// <trial>/again: what one more start showed, where the one before it showed trouble.
std::filesystem::path again_folder(const std::filesystem::path& trial);
/// Reboots a machine that may be held, and says why; false when its jobs were still running after
/// 180 s. ChannelLost, MachineBroken.
bool reboot_and_settle(const Trial& trial, Stage stage, const std::string& machine,
                       const std::string& why);
inline constexpr const char* in_doubt = "rebooting once more: does the trouble come again?";
void drill(const Trial& trial, FindingsReader& findings);
/// <trial>/revert: what was found on clones that were restored once more, unpatched.
std::filesystem::path revert_folder(const std::filesystem::path& trial);
/// Unpatched trials of this very hour, where a regression is suspected; findings in the folders of
/// witnesses().
void witness(const Trial& trial, FindingsReader& findings);
/// An unpatched trial that was made beside a patched one.
struct Witness {
    std::filesystem::path folder;
    bool rebooted = false;
};
/// Those that there are.
std::vector<Witness> witnesses(const std::filesystem::path& trial);
/// The faults that were asked for, in the middle of an installation on fresh clones; findings in
/// faults.json.
void faults_stage(const Trial& trial);

// --- over what is on disk ---
/// Writes work/verdict.json and gives the verdict. `findings` may be null when no trial came about;
/// then only `faults` speak.
Verdict judge_run(const RunContext& run, const TrialFindings* findings,
                  const std::vector<Reason>& faults);
/// Collects and seals the evidence.
void seal_run(const RunContext& run, const PreparedLab* lab, const std::filesystem::path& trial,
              RunState& state);

/// Restarts everything that a patch might, in the unpatched control.
void restart_everything(guest::GuestChannel& channel, Seconds deadline);
/// Restarts the agent that answers us, and returns when another process of it does. A command that
/// it was still to answer dies with it, which is no fault of the patch. ChannelLost when none
/// answers within 60 s.
void restart_agent(guest::GuestChannel& channel);
/// What is installed on each machine of the request at the checkpoint, in its order.
std::vector<InstalledPackages> installed_on_all(const RunRequest& request, const PreparedLab& lab);

}  // namespace patchlab::pipeline
