// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/deployers.hpp"

#include <utility>

namespace patchlab::cli {

std::unique_ptr<rollout::Deployer> make_deployer(Context& context, rollout::HostConnection connection) {
    return std::make_unique<rollout::AnsibleDeployer>(context.commands(), std::move(connection));
}

}  // namespace patchlab::cli
