// SPDX-License-Identifier: Apache-2.0
//
// The campaigns and their trials in the database: the whole state of a search. A trial is recorded
// in the transaction that records its run, so that a crash leaves both or neither; its answer is
// written when the run is over. Thread safety: one a thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/campaign/search.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/json.hpp"
#include "platform/store/database.hpp"

namespace patchlab::campaign {

///   running    it has work to do; whether a process drives it says the lock of its folder
///   stopped    it ended early and may be resumed: interrupted, or its budget is used
///   finished   every patch has its verdict
///   cancelled  for good
enum class CampaignState { running, stopped, finished, cancelled };
std::string_view name(CampaignState state);
/// Error(invalid).
CampaignState campaign_state_from(std::string_view word);

/// How much it may cost; 0: no limit.
struct Budget {
    std::size_t runs = 0;
    double seconds = 0;
};

struct CampaignRow {
    std::string id;  ///< "c-20261130-0001"
    std::string lab;
    CampaignState state = CampaignState::running;
    std::string reason;                ///< why it stopped; may be empty
    std::vector<std::string> patches;  ///< ids, in the order of the problem
    Problem problem;
    Json options = Json::object();  ///< of its runs, as `run.start` takes them
    Budget budget;
    std::string requester, created, finished;
    std::string watch;  ///< the watch that asked for it; may be empty
};

struct TrialRow {
    std::size_t number = 0;  ///< from 1
    PatchSet patches;
    std::string why;
    std::string run;
    std::string started;             ///< RFC 3339: when its run was asked for
    std::optional<Verdict> verdict;  ///< none: not over yet
    PatchSet blamed = {};
    double seconds = 0;
};

class CampaignStore {
  public:
    explicit CampaignStore(store::Database& database) : database_(database) {}

    /// Inside the caller's transaction: gives it the next id of the day and records it.
    void add(CampaignRow& row, TimePoint now);
    std::vector<CampaignRow> list();  ///< newest first
    /// Error(not_found).
    CampaignRow get(const std::string& id);
    void move(const std::string& id, CampaignState to, const std::string& reason, TimePoint now);
    void set_budget(const std::string& id, const Budget& budget);

    /// In the order in which they were made.
    std::vector<TrialRow> trials(const std::string& id);
    /// Inside the transaction that records the run.
    void begin(const std::string& id, const TrialRow& trial);
    void answer(const std::string& id, const TrialRow& trial);
    /// Whether the run is a trial of some campaign.
    bool holds_run(const std::string& run);
    /// A run that was cancelled is no trial.
    void forget(const std::string& id, std::size_t number);

  private:
    store::Database& database_;
};

/// Those that have an answer, as the search takes them.
std::vector<Trial> answered(const std::vector<TrialRow>& trials);

/// The tables of campaigns and watches.
std::vector<store::Migration> migrations();

}  // namespace patchlab::campaign
