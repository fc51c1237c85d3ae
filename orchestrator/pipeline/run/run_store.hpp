// SPDX-License-Identifier: Apache-2.0
//
// The runs that the store knows. A run's folder is the truth of a run under way; the store learns
// of it afterwards (sync()). Thread safety: one a thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/pipeline/run/run_folder.hpp"
#include "platform/store/database.hpp"
#include "platform/store/selection.hpp"

namespace patchlab::pipeline {

struct RunRow {
    std::string id;
    std::string kind;
    std::string lab;
    std::vector<std::string> patches;
    std::string progress;  ///< queued, running, interrupted, finished, cancelled
    std::string stage;
    std::string verdict;  ///< empty until judged
    std::string requester;
    std::string requested;
    std::string finished;
};

class RunStore {
  public:
    RunStore(std::filesystem::path state, store::Database& database)
        : state_(std::move(state)), database_(database) {}

    /// Records a run whose request has been written to its folder (submission.hpp).
    void record(const RunRow& row);
    bool has(const std::string& id);
    /// Brings what the folders say into the store. A run that says it is running while it has no
    /// worker is `interrupted`; one that is over does not use its patches any more.
    void sync();
    /// Newest first.
    std::vector<RunRow> list();
    /// Of the table `runs`.
    std::vector<RunRow> list(const store::Selection& selection);
    /// Error(not_found).
    RunRow get(const std::string& id);
    /// By patch: the newest run that was asked to rehearse it.
    std::map<std::string, RunRow> newest_of_patches();
    /// Forgets a run that is over; its folder is the caller's to remove.
    void remove(const std::string& id);
    RunFolder folder(const std::string& id) const { return RunFolder(state_ / "runs" / id); }

  private:
    std::filesystem::path state_;
    store::Database& database_;
};

/// What an unfinished run is called among those that keep a patch from being removed
/// (intake::PatchStore).
inline std::string patch_user(const std::string& run) { return "run " + run; }

/// The tables of labs and runs.
std::vector<store::Migration> migrations();

}  // namespace patchlab::pipeline
