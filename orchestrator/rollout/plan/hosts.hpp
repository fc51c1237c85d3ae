// SPDX-License-Identifier: Apache-2.0
//
// The hosts that a rollout may touch, as the planner sees them: what they are, and whether they
// need a catalog entry. HostSource is the port to wherever they are kept (the inventory). Values; a
// HostSource is used by one thread at a time.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/assessment/host.hpp"
#include "orchestrator/assessment/window.hpp"
#include "orchestrator/catalog/entry.hpp"

namespace patchlab::rollout {

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

}  // namespace patchlab::rollout
