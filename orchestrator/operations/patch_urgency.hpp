// SPDX-License-Identifier: Apache-2.0
//
// When candidate patches are due: the feeds' answers, and what the inventory says of the hosts that
// need them; as patch.rank lists them, and as figures, alerts and the page of today share them.
// Thread safety: one a thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "orchestrator/feeds/ranking/rank.hpp"
#include "orchestrator/governance/due.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/inventory/host.hpp"
#include "orchestrator/inventory/need_finder.hpp"
#include "platform/core/clock.hpp"
#include "platform/store/database.hpp"

namespace patchlab::operations {

class Session;

class PatchUrgency {
  public:
    PatchUrgency(store::Database& database, TimePoint now, feeds::Table table);
    feeds::RankedPatch rank(const intake::Patch& patch);

  private:
    feeds::Stakes stakes_of(const intake::Patch& patch);

    TimePoint now_;
    feeds::Table table_;
    feeds::AnswerBook book_;
    inventory::NeedFinder finder_;
    /// What a host's being reached would mean, by its name: of 100,000 hosts, so no more.
    struct Reach {
        std::optional<assessment::Exposed> exposed;
        std::optional<assessment::Criticality> criticality;
    };
    std::unordered_map<std::string, Reach> hosts_;
};

/// The table that the policy in force ranks by.
feeds::Table ranking_table(Session& session);

struct DuePatch {
    std::string id;
    std::string limit;  ///< the band: "three-days"; empty: nothing is known of its urgency
    std::string due;    ///< RFC 3339; empty: at the next upgrade
    bool overdue = false;
    std::int64_t hosts = 0;  ///< that need it
};
/// All of them, by due date (patch_rank.cpp). nullopt: they cannot be ranked here, so nobody knows
/// what is overdue.
std::optional<std::vector<DuePatch>> due_patches(Session& session);

struct OverdueSums {
    std::int64_t patches = 0;
    std::int64_t hosts = 0;  ///< that still need them, once for each patch
};
/// What is overdue in each limit that a patch has; without a limit: in "unknown".
std::map<std::string, OverdueSums> overdue_by_limit(const std::vector<DuePatch>& patches);

/// Gives the dates of the patches of a run by both tables: their CVEs and when they became known
/// are those of the sealed evidence, their packages those of the store.
governance::AskDue ask_due(std::filesystem::path state, store::Database& database,
                           const Clock& clock);

}  // namespace patchlab::operations
