// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/deployers.hpp"

#include <utility>

#include "orchestrator/rollout/push/ansible_deployer.hpp"
#include "orchestrator/rollout/push/noting_deployer.hpp"

namespace patchlab::cli {

std::unique_ptr<rollout::Deployer> make_deployer(Context& context,
                                                 rollout::HostConnection connection) {
    return std::make_unique<rollout::NotingDeployer>(
        std::make_unique<rollout::AnsibleDeployer>(context.commands(), std::move(connection)),
        context.database());
}

}  // namespace patchlab::cli
