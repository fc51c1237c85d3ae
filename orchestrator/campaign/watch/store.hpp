// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of watches: their definitions, what was seen of each suite, what each lab was
// fetched for, and every candidate from its discovery to its verdict. Each step is one transaction,
// so that a watch which is killed anywhere forgets no candidate and rehearses none twice.
// Thread safety: one a thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/families/vendor.hpp"
#include "platform/core/clock.hpp"
#include "platform/store/database.hpp"

namespace patchlab::campaign {

struct WatchRow {
    std::string name, source, file, added, requester;
};

/// A suite as it was seen last, whichever watch asked.
struct SuiteRow {
    families::Suite suite;
    families::SuiteSeen seen;
    /// RFC 3339: when the index seen last says that it was made; may be empty
    std::string claimed;
    std::string dated;     ///< RFC 3339: of the newest index that was fetched and verified
    std::string looked;    ///< RFC 3339: when it was asked last
    int failures = 0;      ///< since it last worked
    std::string next_try;  ///< RFC 3339: not before; empty: at once
    std::string trouble;   ///< what is wrong; empty: nothing
};

/// Until when a suite that failed so often in a row is left alone: one minute, doubled each time,
/// at most six hours.
Seconds pause_after(int failures);

///   waiting  for a run
///   started  in a campaign
///   judged   the campaign is over, and what follows from it was done
///   gone     the vendor does not offer it any more, and no run was made
struct CandidateRow {
    std::string lab, patch, found, state, campaign, verdict;
};

class WatchStore {
  public:
    explicit WatchStore(store::Database& database) : database_(database) {}

    /// In place of one of the same name.
    void put(const WatchRow& watch);
    /// Error(not_found). What it found stays.
    void remove(const std::string& name);
    std::vector<WatchRow> list();
    /// Error(not_found).
    WatchRow get(const std::string& name);

    SuiteRow suite(const families::Suite& suite);
    void save(const SuiteRow& row);

    /// The digests of the suites for which the candidates of a lab were fetched last, by address.
    std::map<std::string, std::string> fetched(const std::string& watch, const std::string& lab);
    /// One transaction: the candidates of a lab as they are now, and for which suites that holds.
    /// Gives those that are new.
    std::vector<std::string> take(const std::string& watch, const std::string& lab,
                                  const std::map<std::string, std::string>& suites,
                                  const std::vector<std::string>& patches, TimePoint now);

    std::vector<CandidateRow> candidates(const std::string& watch);
    std::vector<std::string> waiting(const std::string& watch, const std::string& lab);
    /// Inside the transaction that records the campaign.
    void start(const std::string& watch, const std::string& lab, const std::string& campaign,
               const std::vector<std::string>& patches);
    /// Campaigns whose result has not been acted on.
    std::vector<std::string> unsettled(const std::string& watch);
    /// By patch: its verdict, or for want of one the state in which the campaign ended. It is not
    /// judged again by itself.
    void settle(const std::string& campaign, const std::map<std::string, std::string>& verdicts);

    /// How many runs the watch began since then.
    std::size_t runs_since(const std::string& watch, TimePoint since);

  private:
    store::Database& database_;
};

}  // namespace patchlab::campaign
