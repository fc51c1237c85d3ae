// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/rollout_parts.hpp"

#include <algorithm>
#include <thread>

#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/notify/notifier.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "orchestrator/rollout/engine/steering.hpp"
#include "orchestrator/rollout/push/ansible_deployer.hpp"
#include "orchestrator/rollout/push/noting_deployer.hpp"
#include "orchestrator/rollout/simulate/simulated_fleet.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

/// Tells whoever follows the command.
class SaidNotices final : public notify::NoticeSink {
  public:
    explicit SaidNotices(std::function<void(const notify::Notice&)> said)
        : said_(std::move(said)) {}
    void send(const notify::Notice& notice) override { said_(notice); }

  private:
    std::function<void(const notify::Notice&)> said_;
};

/// A fleet, the deployer that acts on it, and the time that passes for both.
struct Simulation {
    Simulation(const rollout::RolloutRow& row, const rollout::RolloutFolder& folder,
               const Clock& wall)
        : fleet(row.simulated),
          jumping(std::max(wall.now(), from_rfc3339(row.changed))),
          control(folder.control(), wall) {
        fleet.keep_in(folder.simulated());
    }
    rollout::SimulatedFleet fleet;
    rollout::JumpingClock jumping;
    rollout::ControlWaiter control;
};

void simulate(RolloutParts& parts, const rollout::RolloutRow& row,
              const rollout::RolloutFolder& folder, const Clock& wall) {
    auto simulation = std::make_shared<Simulation>(row, folder, wall);
    const bool real_time = simulation->fleet.real_time();
    rollout::JumpingClock& jumping = simulation->jumping;
    parts.clock = real_time ? &wall : static_cast<const Clock*>(&jumping);
    parts.waiter = real_time ? static_cast<rollout::Waiter*>(&simulation->control) : &jumping;
    parts.deployer = std::make_unique<rollout::SimulatedDeployer>(
        simulation->fleet, [&jumping, real_time](Seconds seconds) {
            if (real_time) std::this_thread::sleep_for(seconds);  // the step takes so long
            else jumping.pass(seconds);
        });
    parts.keeps = simulation;
}

/// Tells whoever follows the command, and everybody whom the definition or the installation names.
class AllNotices final : public notify::NoticeSink {
  public:
    /// `folder`: where the definition lies, to which its files of secrets are relative.
    AllNotices(Session& session, const rollout::Definition& definition,
               const std::filesystem::path& folder, std::function<void(const notify::Notice&)> said)
        : said_(std::move(said)),
          notifier_(session.state(), targets(session, definition, folder), session.commands(),
                    session.clock()) {}
    void send(const notify::Notice& notice) override {
        said_.send(notice);
        notifier_.send(notice);
    }

  private:
    static std::vector<notify::NotifyTarget> targets(Session& session,
                                                     const rollout::Definition& definition,
                                                     const std::filesystem::path& folder) {
        std::vector<notify::NotifyTarget> own = definition.notify;
        notify::resolve_files(own, folder);
        return notify::all_targets(session.state(), own);
    }
    SaidNotices said_;
    notify::Notifier notifier_;
};

/// How Ansible reaches a host, as its inventory said when it was imported.
inventory::AnsibleHost connection_of(Session& session, const std::string& name) {
    return {name, inventory::HostStore(session.database()).get(name).variables};
}

/// Real hosts, real time: the waiter wakes when somebody asks something of the rollout.
void reach_hosts(RolloutParts& parts, Session& session, const rollout::RolloutFolder& folder) {
    auto waiter = std::make_shared<rollout::ControlWaiter>(folder.control(), session.clock());
    parts.clock = &session.clock();
    parts.waiter = waiter.get();
    parts.deployer = std::make_unique<rollout::NotingDeployer>(
        std::make_unique<rollout::AnsibleDeployer>(
            session.commands(),
            [&session](const std::string& name) { return connection_of(session, name); },
            session.state() / "tmp"),
        session.database());
    parts.keeps = waiter;
}

}  // namespace

std::unique_ptr<rollout::HostSource> host_source(Session& session, const std::string& simulation) {
    if (simulation.empty())
        return std::make_unique<InventoryHosts>(session.database(), session.clock());
    return std::make_unique<rollout::SimulatedFleet>(simulation);
}

RolloutParts parts_for(Session& session, const rollout::RolloutRow& row,
                       const rollout::Definition& definition,
                       std::function<void(const notify::Notice&)> said) {
    RolloutParts parts;
    const rollout::RolloutFolder folder(session.state(), row.id);
    if (row.simulated.empty()) {
        parts.notices =
            std::make_unique<AllNotices>(session, definition, row.folder, std::move(said));
        reach_hosts(parts, session, folder);
    } else {
        parts.notices = std::make_unique<SaidNotices>(
            std::move(said));  // nobody is to be called for what only seems to happen
        simulate(parts, row, folder, session.clock());
    }
    return parts;
}

}  // namespace patchlab::operations
