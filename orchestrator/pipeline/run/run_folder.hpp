// SPDX-License-Identifier: Apache-2.0
//
// A run on disk. The worker's input is this folder and its output is this folder; the store learns
// of it afterwards.
//   runs/<id>/input/request.json   what to do, complete (schema patchlab/request/v1)
//   runs/<id>/state.json           where the run is (schema patchlab/run-state/v1), rewritten
//                                  before each stage
//   runs/<id>/events.jsonl         what happened, one JSON object a line, for people and for `run
//                                  log -f`
//   runs/<id>/lock                 held by the worker while it lives
//   runs/<id>/lease.json           which attempt works it, and who that is (lease.hpp)
//   runs/<id>/work/                overlays and findings of the stages
//   runs/<id>/evidence/            what is left when the run is over
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/pipeline/stage.hpp"
#include "orchestrator/pipeline/verdict/reason.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::pipeline {

/// Progress, not outcome.
enum class RunProgress { queued, running, finished, cancelled };
std::string_view name(RunProgress progress);
/// Nothing will happen to such a run any more.
constexpr bool is_over(RunProgress progress) {
    return progress == RunProgress::finished || progress == RunProgress::cancelled;
}

/// One way through a stage that ended.
struct Passage {
    enum class Outcome { ok, failed, skipped };
    Stage stage = Stage::clone;
    Outcome outcome = Outcome::ok;
    double seconds = 0;
    std::string detail;
    std::string backend;  ///< that worked it; empty in documents of older versions
};
std::string_view name(Passage::Outcome outcome);
Json to_json(const std::vector<Passage>& passages);

struct RunState {
    std::string id;
    RunProgress progress = RunProgress::queued;
    Stage stage = Stage::clone;
    std::string verdict;  ///< empty until judged
    int resumes = 0;      ///< how often a worker took this run up again after a crash
    int tries = 1;        ///< trials begun
    std::string started;
    std::string finished;
    /// What the first trial seemed to show; only a second one that shows it again condemns.
    std::optional<ReasonKind> suspicion;
    std::vector<Reason> faults;  ///< of kind lab-fault
    std::vector<Passage> stages;
};

class RunFolder {
  public:
    explicit RunFolder(fs::path root) : root_(std::move(root)) {}
    const fs::path& root() const { return root_; }
    std::string id() const { return root_.filename().string(); }
    fs::path request() const { return root_ / "input" / "request.json"; }
    fs::path state_file() const { return root_ / "state.json"; }
    fs::path events() const { return root_ / "events.jsonl"; }
    fs::path lock() const { return root_ / "lock"; }
    fs::path lease() const { return root_ / "lease.json"; }
    fs::path cancel_mark() const { return root_ / "cancel"; }
    fs::path work() const { return root_ / "work"; }
    fs::path evidence() const { return root_ / "evidence"; }

    /// Error(not_found) or Error(invalid).
    RunState load() const;
    void save(const RunState& state) const;

  private:
    fs::path root_;
};

/// Writes events.jsonl. Thread safety: one a process, any thread: a line is one write.
class EventLog {
  public:
    EventLog(fs::path file, const Clock& clock) : file_(std::move(file)), clock_(clock) {}
    void add(std::string_view stage, std::string_view text, std::string_view level = "info");

  private:
    fs::path file_;
    const Clock& clock_;
};

}  // namespace patchlab::pipeline
