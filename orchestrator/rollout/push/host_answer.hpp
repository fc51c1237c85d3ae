// SPDX-License-Identifier: Apache-2.0
//
// What a host's answers to push/host.sh and to the checks mean. Hosts are not trusted: a line that
// is not of the expected form says nothing, and what nothing says was not observed. Pure functions;
// thread-safe.
#pragma once

#include <string>

#include "orchestrator/inventory/ansible.hpp"
#include "orchestrator/rollout/engine/deployer.hpp"

namespace patchlab::rollout {

/// `nonce`: that this host's checks were compiled with.
Observation observation_of(const Order& order, const HostOrder& host, const std::string& nonce,
                           const inventory::AnsibleResult& result);

}  // namespace patchlab::rollout
