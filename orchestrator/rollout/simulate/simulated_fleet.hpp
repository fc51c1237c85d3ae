// SPDX-License-Identifier: Apache-2.0
//
// Hosts that exist in a script alone (JSON, schema patchlab/simulation/v1,
// docs/formats/rollout.md): for trying a definition before it meets real hosts, for tests, and for
// measuring. The fleet is the source of hosts for the planner and what the simulated deployer acts
// upon. What becomes of its hosts is kept in a log beside the rollout, one line a change, so that a
// rollout that was killed finds them as it left them. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "orchestrator/rollout/engine/deployer.hpp"
#include "orchestrator/rollout/engine/fail_points.hpp"
#include "orchestrator/rollout/plan/plan.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json_reader.hpp"

namespace patchlab::rollout {

/// How one kind of host behaves.
struct HostScript {
    HostFacts facts;
    std::map<std::string, std::string> versions;  ///< that it has at first
    int off = 0;         ///< so many steps find it switched off, before it answers
    double seconds = 1;  ///< that a step takes
    /// What a step does other than it should: by its name (inspect, install, back-out): "fail",
    /// "part", "wrong-version", "unreachable", "unknown" (done, and nobody hears of it),
    /// "no-reboot".
    std::map<std::string, std::string> steps;
    /// "suite/check" → outcome by moment: before, patched, watched (looked at later on; default: as
    /// patched), back.
    std::map<std::string, std::map<std::string, std::string>> checks;
    /// What its journal says: the day before, and (of a patched host) while it is watched.
    assessment::Vitals vitals{86400, 0, {}};
    double outage = 0;  ///< seconds for which a service is away during an installation
    /// (pull) It takes these versions by itself before it is looked at for the `take_at`th time,
    /// and is as at first again from the `return_at`th time on; 0: never.
    std::map<std::string, std::string> takes;
    int take_at = 0, return_at = 0;
};

/// What became of a host.
struct SimulatedState {
    std::map<std::string, std::string> versions;
    std::string moment = "before";
    int boots = 1;
    int off = 0;
    int installs = 0;  ///< that changed something
    int looks = 0;     ///< how often it was looked at
};

class SimulatedFleet final : public HostSource {
  public:
    /// Error(not_found), Error(invalid) naming what is wrong with the script.
    explicit SimulatedFleet(const std::filesystem::path& script);

    /// From here on what becomes of hosts is read from and appended to this file.
    void keep_in(const std::filesystem::path& log);
    /// False: windows and soak times pass at once.
    bool real_time() const { return real_time_; }

    std::vector<HostFacts> hosts(const catalog::Entry& entry) override;
    assessment::Windows windows() override { return windows_; }

    /// nullptr: there is no such host.
    const HostScript* script(const std::string& host) const;
    SimulatedState& state(const std::string& host);
    void write_down(const std::string& host, const SimulatedState& state);

  private:
    void read_hosts(const JsonReader& in, const HostScript& base);
    std::vector<HostScript> scripts_;
    std::map<std::string, std::size_t> by_name_;
    std::unordered_map<std::string, SimulatedState> states_;
    assessment::Windows windows_;
    UniqueFd log_;
    bool real_time_ = false;
};

// A deployer that acts on the hosts of the script above. It ships: a definition can
// be tried from end to end, with hosts that fail on purpose, before it meets a real one. It keeps
// to the port's contract: a host that has the versions already is left as it is. Thread safety: one
// thread.

class SimulatedDeployer final : public Deployer {
  public:
    /// `pass`: lets the seconds that a step takes go by. `meet`: see fail_points.hpp.
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
