// SPDX-License-Identifier: Apache-2.0
//
// A deployer that acts on the hosts of a script (simulated_fleet.hpp). It ships: a definition can
// be tried from end to end, with hosts that fail on purpose, before it meets a real one. It keeps
// to the port's contract: a host that has the versions already is left as it is. Thread safety: one
// thread.
#pragma once

#include <functional>

#include "orchestrator/rollout/engine/deployer.hpp"
#include "orchestrator/rollout/engine/fail_points.hpp"
#include "orchestrator/rollout/simulate/simulated_fleet.hpp"

namespace patchlab::rollout {

class SimulatedDeployer final : public Deployer {
  public:
    /// `pass`: lets the seconds that a step takes go by. `meet`: see fault.hpp.
    SimulatedDeployer(SimulatedFleet& fleet, std::function<void(Seconds)> pass,
                      std::function<void(std::string_view)> meet = rollout_fail_point)
        : fleet_(fleet), pass_(std::move(pass)), meet_(std::move(meet)) {}
    void carry_out(const Order& order, const HostAnswered& answered) override;

  private:
    Observation act(const Order& order, const HostOrder& host);
    void change(const Order& order, const HostOrder& host, const HostScript& script,
                SimulatedState& state, Observation& seen);
    void pull(const HostOrder& host, const HostScript& script, SimulatedState& state);
    void look(const Order& order, const HostOrder& host, const HostScript& script,
              const SimulatedState& state, Observation& seen) const;
    SimulatedFleet& fleet_;
    std::function<void(Seconds)> pass_;
    std::function<void(std::string_view)> meet_;
};

}  // namespace patchlab::rollout
