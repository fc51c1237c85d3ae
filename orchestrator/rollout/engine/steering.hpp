// SPDX-License-Identifier: Apache-2.0
//
// What people ask of a rollout: start, pause, resume, abort, back out. Each asks for the role
// release-manager and is in the audit trail. A rollout that another process drives is asked through
// the store, and its engine obeys between two batches; one that nobody drives is moved at once.
// Thread safety: one a thread; several processes may steer one rollout.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/governance/governance.hpp"
#include "orchestrator/rollout/engine/authority.hpp"
#include "orchestrator/rollout/plan/plan.hpp"
#include "orchestrator/rollout/store/store.hpp"
#include "platform/core/files.hpp"

namespace patchlab::rollout {

/// The folder of one rollout: <state>/rollouts/<id>/.
class RolloutFolder {
  public:
    RolloutFolder(const std::filesystem::path& state, const std::string& id)
        : root_(state / "rollouts" / id) {}
    std::filesystem::path root() const { return root_; }
    std::filesystem::path lock() const {
        return root_ / "lock";
    }  ///< held by the process that drives it
    std::filesystem::path control() const {
        return root_ / "control";
    }  ///< touched by whoever asks something of it
    std::filesystem::path log() const { return root_ / "engine.log"; }  ///< of a detached process
    std::filesystem::path simulation() const { return root_ / "simulation.json"; }
    std::filesystem::path simulated() const {
        return root_ / "simulated.jsonl";
    }  ///< what became of simulated hosts
    /// Error(conflict) when another process drives it.
    FileLock take() const;
    bool is_driven() const { return FileLock::is_held(lock()); }

  private:
    std::filesystem::path root_;
};

/// The entry of a rollout with its exact files.
Goods goods_of(catalog::Catalog& catalog, const std::string& entry);

class Steering {
  public:
    Steering(governance::Governance& house, RolloutStore& store, Authority& authority,
             const Clock& clock)
        : house_(house), store_(store), authority_(authority), clock_(clock) {}

    /// Verifies the chain (Error(refused)), makes the folder and stores plan and gate.
    /// `simulation`: the script of simulated hosts, copied into the folder; empty: real hosts.
    /// Error(conflict) while a rollout of that name or entry is not over.
    RolloutRow start(const governance::Actor& actor, const Plan& plan, const Json& gate,
                     const std::filesystem::path& simulation);
    /// What was done: "paused", or that it was asked for.
    std::string pause(const governance::Actor& actor, const std::string& id);
    /// As pause(), because the vendor took back what it installs. Asks for no role, for it only
    /// takes away.
    std::string hold(const governance::Actor& actor, const std::string& id,
                     const std::string& reason);
    /// True when the caller must drive it now (it settles what was begun); false: whoever drives it
    /// was asked.
    bool abort(const governance::Actor& actor, const std::string& id);
    /// The caller drives it afterwards.
    void resume(const governance::Actor& actor, const std::string& id);
    void back_out(const governance::Actor& actor, const std::string& id, const std::string& reason);

  private:
    std::string stop_going_forward(const governance::Actor& actor, const std::string& id,
                                   const std::string& reason);
    void ask(const governance::Actor& actor, const RolloutRow& row, const std::string& what);
    RolloutRow take_over(const governance::Actor& actor, const std::string& id, const char* to_do);
    governance::Governance& house_;
    RolloutStore& store_;
    Authority& authority_;
    const Clock& clock_;
};

}  // namespace patchlab::rollout
