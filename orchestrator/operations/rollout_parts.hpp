// SPDX-License-Identifier: Apache-2.0
//
// The adapters of a rollout: where its hosts come from, who carries steps out on them, and who is
// told. Made here and nowhere else.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "orchestrator/notify/message.hpp"
#include "orchestrator/operations/session.hpp"
#include "orchestrator/rollout/engine/deployer.hpp"
#include "orchestrator/rollout/engine/waiter.hpp"
#include "orchestrator/rollout/plan/definition.hpp"
#include "orchestrator/rollout/plan/plan.hpp"
#include "orchestrator/rollout/store/store.hpp"

namespace patchlab::operations {

/// Everything that an engine borrows from outside the module.
struct RolloutParts {
    std::unique_ptr<rollout::HostSource> hosts;
    std::unique_ptr<rollout::Deployer> deployer;
    std::unique_ptr<notify::NoticeSink> notices;
    const Clock* clock = nullptr;
    rollout::Waiter* waiter = nullptr;
    std::shared_ptr<void> keeps;  ///< what clock and waiter live in
};

/// Where the hosts of a plan come from: a simulation's script, or (empty) the inventory.
std::unique_ptr<rollout::HostSource> host_source(Session& session, const std::string& simulation);

/// The parts for driving a rollout: Ansible over SSH, whose view of packages goes into the
/// inventory, or the script of a simulation. `said`: hears every notice, besides those whom the
/// definition names.
RolloutParts parts_for(Session& session, const rollout::RolloutRow& row,
                       const rollout::Definition& definition,
                       std::function<void(const notify::Notice&)> said);

}  // namespace patchlab::operations
