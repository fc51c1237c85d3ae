// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/rollout_parts.hpp"

#include <algorithm>
#include <thread>

#include "orchestrator/rollout/simulated_deployer.hpp"
#include "orchestrator/rollout/steering.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

/// Tells whoever follows the command.
class SaidNotices final : public rollout::NoticeSink {
  public:
    explicit SaidNotices(std::function<void(const rollout::Notice&)> said) : said_(std::move(said)) {}
    void send(const rollout::Notice& notice) override { said_(notice); }

  private:
    std::function<void(const rollout::Notice&)> said_;
};

/// A fleet, the deployer that acts on it, and the time that passes for both.
struct Simulation {
    Simulation(const rollout::RolloutRow& row, const rollout::RolloutFolder& folder, const Clock& wall)
        : fleet(row.simulated), jumping(std::max(wall.now(), from_rfc3339(row.changed))), control(folder.control(), wall) {
        fleet.keep_in(folder.simulated());
    }
    rollout::SimulatedFleet fleet;
    rollout::JumpingClock jumping;
    rollout::ControlWaiter control;
};

[[noreturn]] void no_hosts() {
    throw Error(ErrorCode::usage, "this patchlab cannot reach real hosts yet", "try the definition on hosts of a script: --simulate FILE");
}

void simulate(RolloutParts& parts, const rollout::RolloutRow& row, const rollout::RolloutFolder& folder, const Clock& wall) {
    auto simulation = std::make_shared<Simulation>(row, folder, wall);
    const bool real_time = simulation->fleet.real_time();
    rollout::JumpingClock& jumping = simulation->jumping;
    parts.clock = real_time ? &wall : static_cast<const Clock*>(&jumping);
    parts.waiter = real_time ? static_cast<rollout::Waiter*>(&simulation->control) : &jumping;
    parts.deployer = std::make_unique<rollout::SimulatedDeployer>(simulation->fleet, [&jumping, real_time](Seconds seconds) {
        if (real_time) std::this_thread::sleep_for(seconds);  // the step takes so long
        else jumping.pass(seconds);
    });
    parts.keeps = simulation;
}

}  // namespace

std::unique_ptr<rollout::HostSource> host_source(Context&, const std::string& simulation) {
    if (simulation.empty()) no_hosts();
    return std::make_unique<rollout::SimulatedFleet>(simulation);
}

RolloutParts parts_for(Context& context, const rollout::RolloutRow& row, const rollout::Definition&, std::function<void(const rollout::Notice&)> said) {
    RolloutParts parts;
    parts.notices = std::make_unique<SaidNotices>(std::move(said));
    const rollout::RolloutFolder folder(context.state(), row.id);
    if (row.simulated.empty()) no_hosts();
    simulate(parts, row, folder, context.clock());
    return parts;
}

}  // namespace patchlab::cli
