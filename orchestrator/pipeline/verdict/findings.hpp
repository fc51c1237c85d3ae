// SPDX-License-Identifier: Apache-2.0
//
// All that a trial and the unpatched lab left on disk, as values, for assess() to decide from. The
// stages collect and write; nothing of what they wrote is read anywhere else to judge. Ownership:
// values that share what was read. Thread safety: FindingsReader one thread; the rest as values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/pipeline/lab/unpatched_record.hpp"
#include "orchestrator/pipeline/stages/beside.hpp"
#include "orchestrator/pipeline/stages/trial.hpp"
#include "orchestrator/pipeline/verdict/regression.hpp"

namespace patchlab::pipeline {

/// What was seen of one machine at one time. A part that is null was not seen.
struct MachineLook {
    std::shared_ptr<const std::vector<testsuites::CheckResult>> checks;
    std::shared_ptr<const snapshots::Capture> capture;
    /// Attributed, with what changes by itself marked as noise.
    std::shared_ptr<const std::vector<snapshots::Change>> changes;
    std::shared_ptr<const std::vector<snapshots::StaleFiles>> stale;
};

/// A look at an unpatched clone.
struct UnpatchedLook {
    MachineLook look;
    bool rebooted = false;
    /// Of the run's own hour: asked about speed and size alone, which depend on how busy the host
    /// is.
    bool witness = false;
};

struct MachineFindings {
    std::string machine;
    bool rebooted = false;                 ///< by the patch, before it was looked at
    MachineLook before;                    ///< at the checkpoint
    std::vector<UnpatchedLook> unpatched;  ///< the controls, then the witnesses
    MachineLook patched;                   ///< in this trial
    MachineLook doubted;                   ///< in the trial before it, if that one was doubted
    MachineLook next_start;                ///< after the reboot of the reboot check
    MachineLook another_start;             ///< after one more, where a start had shown trouble
    std::vector<std::string> replaced;     ///< packages that were installed as announced
    Beside beside;
    UnpatchedRecord known;  ///< what the machine ever showed unpatched
    Beside beside_later;    ///< what seemed slower after the reboot of the reboot check
};

struct TrialFindings {
    std::vector<MachineFindings> machines;
    bool doubted = false;       ///< there was a trial before this one, and it was doubted
    bool next_start = false;    ///< the reboot check came to its end
    std::vector<Reason> noted;  ///< by the stages of this trial
    std::vector<Reason> noted_in_doubted_trial;
    std::vector<Reason> noted_in_later_starts;
};

/// Reads findings; each file once, and again only when a stage has written it anew.
class FindingsReader {
  public:
    FindingsReader(const RunContext& run, const PreparedLab& lab);
    ~FindingsReader();
    /// What there is by now. Error(invalid) for what cannot be read.
    TrialFindings read(const std::filesystem::path& trial);

  private:
    class Files;
    MachineFindings machine(const std::filesystem::path& trial, const std::string& name);

    const RunContext& run_;
    const PreparedLab& lab_;
    std::unique_ptr<Files> files_;
};

}  // namespace patchlab::pipeline
