// SPDX-License-Identifier: Apache-2.0
//
// The hosts that a rollout may touch, as the planner sees them: what they are, and whether they
// need a catalog entry. HostSource is the port to wherever they are kept (the inventory). Values; a
// HostSource is used by one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/assessment/window.hpp"
#include "orchestrator/catalog/entry.hpp"

namespace patchlab::rollout {

/// From the least to the most critical: the order in which a rollout reaches hosts.
enum class Criticality { business_operational, business_critical, mission_critical };
std::string_view name(Criticality criticality);
/// Error(invalid) for an unknown word.
Criticality criticality_from(std::string_view word);

/// Whether a host needs an entry. `unknown`: it was never scanned, or the scan failed; it is
/// planned, and asked when its turn comes.
enum class Need { needed, unknown, not_needed };
std::string_view name(Need need);

struct HostFacts {
    std::string name;
    Criticality criticality = Criticality::business_operational;
    std::vector<std::string> groups;
    std::string window;  ///< the host's own maintenance window, which must be open besides that of
                         ///< its ring; empty: any time
    Need need = Need::unknown;
};

class HostSource {
  public:
    virtual ~HostSource() = default;
    /// Every host, in any order, with whether it needs the entry.
    virtual std::vector<HostFacts> hosts(const catalog::Entry& entry) = 0;
    /// The windows that HostFacts::window names.
    virtual assessment::Windows windows() = 0;
};

}  // namespace patchlab::rollout
