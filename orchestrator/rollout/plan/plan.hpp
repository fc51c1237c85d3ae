// SPDX-License-Identifier: Apache-2.0
//
// The hosts that a rollout may touch, and which of them comes in which ring. plan() is a pure
// function of definition, entry and hosts: the same input gives the same plan, byte for byte.
// Linear in the number of hosts, but for one sort. Values; thread-safe as such.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orchestrator/assessment/host.hpp"
#include "orchestrator/assessment/window.hpp"
#include "orchestrator/catalog/entry.hpp"
#include "orchestrator/rollout/plan/definition.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::rollout {

// The hosts that a rollout may touch, as the planner sees them: what they are, and whether they
// need a catalog entry. HostSource is the port to wherever they are kept (the inventory). Values; a
// HostSource is used by one thread at a time.

/// Where the need is unknown (the host was never scanned, or the scan failed), the host is planned,
/// and asked when its turn comes.
struct HostFacts {
    std::string name;
    assessment::Criticality criticality = assessment::Criticality::business_operational;
    std::vector<std::string> groups;
    std::string window;  ///< the host's own maintenance window, which must be open besides that of
                         ///< its ring; empty: any time
    assessment::Need need = assessment::Need::unknown;
};

class HostSource {
  public:
    virtual ~HostSource() = default;
    /// Every host, in any order, with whether it needs the entry.
    virtual std::vector<HostFacts> hosts(const catalog::Entry& entry) = 0;
    /// The windows that HostFacts::window names.
    virtual assessment::Windows windows() = 0;
};

struct PlannedHost {
    std::string name;
    assessment::Criticality criticality = assessment::Criticality::business_operational;
    std::string window;  ///< its own, besides that of the ring
    bool unknown =
        false;  ///< whether it needs the entry is not known: it is asked when its turn comes
};

struct PlannedRing {
    RingDefinition definition;
    std::vector<PlannedHost> hosts;  ///< in the order in which they are reached
};

struct Plan {
    std::string entry;
    std::string evidence_digest;  ///< of the entry's evidence
    Definition definition;
    assessment::Windows
        windows;  ///< of the definition and of the hosts, all that the plan refers to
    std::vector<PlannedRing> rings;
    std::vector<std::string> not_needed;  ///< hosts of the selection that do not need it, by name
    std::vector<std::string> notes;       ///< what a reader should know before starting it
    std::string digest;                   ///< sha256 over definition, entry and every ring's hosts

    std::uint64_t hosts() const;
    /// How many hosts may fail before the rollout halts.
    std::uint64_t budget() const { return definition.budget.of(hosts()); }
};

/// Error(invalid) that lists everything that is wrong with the definition for these hosts: a group
/// or name that no host has, a host in no ring, a group before less critical hosts, a window that
/// never opens long enough. `now` is only for that last one.
Plan make_plan(const Definition& definition, const catalog::Entry& entry,
               std::vector<HostFacts> hosts, const assessment::Windows& host_windows,
               TimePoint now);

/// schema patchlab/rollout-plan/v1: rings with their hosts, when each could start, totals and
/// notes.
Json to_json(const Plan& plan, TimePoint now);

/// The windows that must be open for a host of this ring. Error(internal) for a name that the plan
/// does not hold.
std::vector<const assessment::Window*> windows_of(const assessment::Windows& windows,
                                                  const std::string& ring_window,
                                                  const std::string& host_window);

}  // namespace patchlab::rollout
