// SPDX-License-Identifier: Apache-2.0
//
// What a host is handed for push/host.sh and for the checks, and what its answers mean. Hosts are
// not trusted: a line that is not of the expected form says nothing, and what nothing says was not
// observed. Pure functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/inventory/ansible.hpp"
#include "orchestrator/rollout/engine/deployer.hpp"
#include "platform/core/json.hpp"

namespace patchlab::rollout {

/// `nonce`: that this host's checks were compiled with.
Observation observation_of(const Order& order, const HostOrder& host, const std::string& nonce,
                           const inventory::AnsibleResult& result);

// What an order means for one host, as the words that host.sh (PackageFamily::host_script) is
// handed. Everything in them is checked against what a package, a version or a digest may look
// like: nothing else ever comes to a shell. Pure functions; thread-safe.

struct HostWords {
    std::string order;  ///< the same for the same step with the same packages, whoever asks and
                        ///< however often
    std::vector<std::string> words;  ///< of host.sh, behind its step
    Json files = Json::array();      ///< {from, file}: what is copied into the order's folder
};

/// The family that is pushed: hosts that are ordered packages of another one are refused one by
/// one. What an inspection asks, too.
const families::PackageFamily& pushing_family(const Order& order);

/// Error(invalid) naming the word that is none; Error(refused) for a package of
/// a family that a push does not install.
HostWords words_for(const Order& order, const HostOrder& host);

}  // namespace patchlab::rollout
