// SPDX-License-Identifier: Apache-2.0
//
// The port to production hosts: it carries one step out on many of them and tells what each said.
// Whoever implements it decides nothing: which hosts, which versions and what an answer means is
// the rollout's business. Carrying out the same step twice is safe: a host that already has exactly
// these versions is looked at and left as it is. Thread safety: one a thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/assessment/packages.hpp"
#include "orchestrator/assessment/vitals.hpp"
#include "orchestrator/catalog/catalog.hpp"
#include "platform/core/clock.hpp"
#include "testsuites/model.hpp"

namespace patchlab::rollout {

///   inspect   only looks: versions, boot id, checks
///   install   brings exactly these versions onto the host, restarts what uses replaced files,
///             reboots where asked; then looks
///   back_out  the same with the exact old versions, and takes away what was not there before
enum class Step { inspect, install, back_out };
std::string_view name(Step step);

struct HostOrder {
    std::string host;                             ///< its name in the inventory
    std::vector<catalog::ExactPackage> packages;  ///< to have exactly this version afterwards
    std::vector<std::string> remove;              ///< back_out: packages that were not there before
    bool reboot = false;                          ///< the host must come back with another boot id
};

/// What the journals of hosts are asked for: how long ago the first host of the ring was touched,
/// and since when they are watched.
struct WatchedTime {
    Seconds touched{0}, soaked{0};
};

struct Order {
    Step step = Step::inspect;
    std::vector<HostOrder> hosts;
    std::vector<std::string> packages;  ///< names whose installed versions are told, of every host
    std::vector<testsuites::Suite> suites;  ///< run on each host at the end of the step
    std::size_t concurrency = 10;           ///< hosts at once
    Seconds deadline{600};                  ///< for one host
    std::optional<WatchedTime> watched{};   ///< asks for Observation::vitals
};

///   done         the step was carried out, and what follows was observed afterwards
///   failed       the host answered, and the step did not succeed (`detail`); what follows was
///                observed where the host still answers
///   unreachable  no connection: nothing was done
///   unknown      it was begun and its end was not seen
enum class Answer { done, failed, unreachable, unknown };
std::string_view name(Answer answer);

/// What one host said. Untrusted: every text is capped and checked before it gets here.
struct Observation {
    Answer answer = Answer::unknown;
    std::string detail;  ///< why, for anything but `done`; one line
    /// Of every package asked for: its installed version, or empty when it is not installed.
    /// nullopt: it could not be observed.
    std::optional<assessment::InstalledPackages> installed;
    std::string boot_id;           ///< empty: not observed
    bool reboot_required = false;  ///< the host says that it waits for one
    std::string held{};  ///< of the packages to install, what the host's owner had put on hold
    std::vector<testsuites::CheckResult>
        checks;          ///< one for each check of the order's suites; not observed: `unknown`
    double seconds = 0;  ///< that the step took on this host
    std::optional<assessment::Vitals> vitals{};  ///< where asked for; nullopt: not observed
    /// Of a change: for how long a service of the host was away, the longest; nullopt: not
    /// observed.
    std::optional<double> outage_seconds{};
};

/// Called once for each host, on the thread of carry_out(), as soon as that host is through.
using HostAnswered = std::function<void(const std::string& host, const Observation& observation)>;

class Deployer {
  public:
    virtual ~Deployer() = default;
    /// Returns when every host has answered or its deadline has passed; a host that was not told of
    /// is `unknown`. Error(lab) when the tool itself cannot be started: then nothing was done
    /// anywhere.
    virtual void carry_out(const Order& order, const HostAnswered& answered) = 0;
};

}  // namespace patchlab::rollout
