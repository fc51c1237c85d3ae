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

/// The worst that is said of several hosts, unless one of them says nothing: what is worst of all
/// is known even so.
template <typename Value>
class WorstOfHosts {
  public:
    explicit WorstOfHosts(Value worst_of_all) : worst_of_all_(worst_of_all) {}
    void add(const std::string& host, const std::optional<Value>& said);
    /// What is known, and in words whose it is.
    std::pair<std::optional<Value>, std::string> answer(const std::string& nobody) const;

  private:
    static constexpr std::size_t ever_named = 3;
    std::string silent_text() const;

    Value worst_of_all_;
    std::optional<Value> worst_;
    std::string whose_;
    std::vector<std::string> silent_;  ///< the first of them, as many as are ever named
    std::size_t silent_count_ = 0;
};

/// What it would mean if hosts were reached. A value of constant size.
struct ReachOfMany {
    std::size_t hosts = 0;
    WorstOfHosts<feeds::Exposure> exposure{feeds::Exposure::open};
    WorstOfHosts<feeds::HumanImpact> impact{feeds::HumanImpact::very_high};
};

/// Looks at the hosts once; ranking a patch then costs what has one of its packages.
class PatchUrgency {
  public:
    PatchUrgency(store::Database& database, TimePoint now);
    feeds::RankedPatch rank(const intake::Patch& patch, feeds::Table table);

  private:
    feeds::Stakes stakes_of(const intake::Patch& patch);
    void add(ReachOfMany& many, std::size_t at) const;

    TimePoint now_;
    feeds::AnswerBook book_;
    inventory::NeedFinder finder_;
    /// What hosts' being reached would mean: of 100,000 hosts, so no more.
    struct Reach {
        std::optional<assessment::Exposed> exposed;
        std::optional<assessment::Criticality> criticality;
    };
    std::vector<Reach> reach_;  ///< in the order of the finder's hosts
    ReachOfMany unscanned_;     ///< hosts without a current scan may need any patch
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
