// SPDX-License-Identifier: Apache-2.0
//
// A prepared lab: booted, tested, captured, checkpointed, kept under the digest of everything that
// went in, reused by every run.
//   prepared/<digest>/prepared.json           schema patchlab/prepared/v1; written last: a folder
//                                             without it is not a prepared lab
//   prepared/<digest>/<machine>/disk.qcow2    read-only overlay on the image, as it was at the
//                                             checkpoint
//   prepared/<digest>/<machine>/{state,memory,domain.xml}
//   prepared/<digest>/baseline/<machine>-{checks,capture,complaints}.json
//   prepared/<digest>/control/<kind>-<n>/<machine>-{checks,capture,files}.json unpatched trials;
//   kinds: plain, restart, reboot
// Ownership: the worker that builds one holds prepared/<digest>.lock; afterwards nothing in it is
// written again, except that further controls are added (each folder renamed into place whole).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/pipeline/run/request.hpp"
#include "platform/disk/overlay/changes.hpp"
#include "platform/store/database.hpp"
#include "platform/virt/hypervisor.hpp"
#include "snapshots/capture.hpp"
#include "snapshots/compare.hpp"
#include "testsuites/model.hpp"

namespace patchlab::pipeline {

/// What was found on one machine at one time.
struct Findings {
    std::vector<testsuites::CheckResult> checks;
    snapshots::Capture capture;
    disk::OverlayComparison files;  ///< against the checkpoint; empty for the baseline itself
};

/// `<folder>/<machine>-checks.json`, `-capture.json` and `-files.json`, each written when its stage
/// has it.
void write_checks(const std::filesystem::path& folder, const std::string& machine,
                  const std::vector<testsuites::CheckResult>& checks);
void write_capture(const std::filesystem::path& folder, const std::string& machine,
                   const snapshots::Capture& capture);
void write_files(const std::filesystem::path& folder, const std::string& machine,
                 const disk::OverlayComparison& files);
/// What a package system prints of its complaints, a line each: plain, and cut.
std::vector<std::string> complaint_lines(const std::string& printed);
void write_complaints(const std::filesystem::path& folder, const std::string& machine,
                      const std::vector<std::string>& complaints);
/// Error(not_found) when the machine was not tested there.
std::vector<testsuites::CheckResult> read_checks(const std::filesystem::path& folder,
                                                 const std::string& machine);
/// What of the three there is (a machine that was never tested again has no checks).
/// Error(not_found) without a capture, and without a file comparison when `with_files`.
disk::OverlayComparison read_files(const std::filesystem::path& folder, const std::string& machine);
Findings read_findings(const std::filesystem::path& folder, const std::string& machine,
                       bool with_files);

/// Which unpatched trial: nothing but time passed; the services were restarted; the machine was
/// rebooted.
enum class ControlKind { plain, restart, reboot };
std::string_view name(ControlKind kind);

class PreparedLab {
  public:
    explicit PreparedLab(std::filesystem::path folder) : folder_(std::move(folder)) {}
    /// Tells it from another one that was prepared from the same: what was found in a trial of one
    /// is not compared with the other. It must be complete.
    std::string identity() const;

    const std::filesystem::path& folder() const { return folder_; }
    /// False also when the state folder was moved since: disks and checkpoints name their files by
    /// where they were.
    bool complete() const;
    /// Complete, and its machines can be started from it. False also when the memory of one was
    /// touched after it was kept (a chmod, a restore from a backup): then it is prepared again.
    bool restorable() const;
    std::filesystem::path disk(const std::string& machine) const {
        return folder_ / machine / "disk.qcow2";
    }
    virt::CheckpointFiles checkpoint_files(const std::string& machine,
                                           virt::CheckpointKind kind) const;
    virt::CheckpointKind kind() const;
    Findings baseline(const std::string& machine) const {
        return read_findings(folder_ / "baseline", machine, false);
    }

    /// What the machine's package system complained of before any patch; empty when it is sound.
    std::vector<std::string> complaints(const std::string& machine) const;

    /// The folders of the controls of this kind that exist, in order.
    std::vector<std::filesystem::path> controls(ControlKind kind) const;
    std::filesystem::path control_folder(ControlKind kind, int number) const;

    /// What the controls changed by themselves, one list for each control of these kinds.
    std::vector<std::vector<snapshots::Change>> control_changes(
        const std::string& machine, const std::vector<ControlKind>& kinds) const;
    std::vector<Findings> control_findings(const std::string& machine,
                                           const std::vector<ControlKind>& kinds) const;

    /// Declares the folder complete.
    void seal(const RunRequest& request, virt::CheckpointKind kind, const std::string& emulator,
              double boot_seconds) const;
    double boot_seconds() const;
    /// How long a start or restart of services may take: several times what booting did, since on a
    /// slow host all of it is slow.
    Seconds settling_time() const;

  private:
    std::filesystem::path folder_;
};

/// The folder and the lock of the prepared lab of this digest.
std::filesystem::path prepared_folder(const std::filesystem::path& state,
                                      const std::string& digest);
std::filesystem::path prepared_lock(const std::filesystem::path& state, const std::string& digest);

// The prepared labs on disk, as a user sees them: snapshots that cost space and can be made again.

struct PreparedSnapshot {
    std::string digest;
    std::string lab;
    std::string checkpoint;   ///< mapped or saved
    std::uint64_t bytes = 0;  ///< on disk
    bool current = false;     ///< of a lab as it is defined today
    bool in_use = false;      ///< a run that is not over may use it
};

std::vector<PreparedSnapshot> list_snapshots(const std::filesystem::path& state,
                                             store::Database& database);
/// Removes those that are neither current nor in use; gives them.
std::vector<PreparedSnapshot> prune_snapshots(const std::filesystem::path& state,
                                              store::Database& database);

}  // namespace patchlab::pipeline
