// SPDX-License-Identifier: Apache-2.0
//
// The adapter to production hosts, assembled here at the door and nowhere else.
#pragma once

#include <memory>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/rollout/push/ansible_deployer.hpp"

namespace patchlab::cli {

/// Ansible over SSH; what it sees of packages goes into the inventory. `connection`: how the
/// inventory says that a host is reached.
std::unique_ptr<rollout::Deployer> make_deployer(Context& context,
                                                 rollout::HostConnection connection);

}  // namespace patchlab::cli
