// SPDX-License-Identifier: Apache-2.0
//
// Carries steps out on real hosts with Ansible (push): over SSH, without an agent. What is done on
// a host is one small script, push/host.sh; docs/reference/hosts.md tells users what it needs and
// leaves there. The installation itself runs apart from the SSH connection: it goes to its end
// though the controller is gone, and the same order given again finds it. Thread safety: one a
// thread. The command runner is borrowed.
#pragma once

#include <functional>
#include <string>

#include "orchestrator/inventory/ansible.hpp"
#include "orchestrator/rollout/engine/deployer.hpp"
#include "platform/process/command.hpp"

namespace patchlab::rollout {

/// How to reach a host, by its name in the inventory. Error(not_found) for one that is not there:
/// it is told as unreachable.
using HostConnection = std::function<inventory::AnsibleHost(const std::string& name)>;

class AnsibleDeployer final : public Deployer {
  public:
    /// `work`: where plays keep their private folders (AnsiblePlay::work).
    AnsibleDeployer(process::CommandRunner& runner, HostConnection connection,
                    std::filesystem::path work = {})
        : runner_(runner), connection_(std::move(connection)), work_(std::move(work)) {}

    /// An order's deadline bounds each part of a step on a host: waiting for an earlier
    /// installation, the installation, the reboot. The checks have their own. A host whose order
    /// cannot be put into words (no deb, an odd version) is `failed`, and nothing was done.
    void carry_out(const Order& order, const HostAnswered& answered) override;

  private:
    process::CommandRunner& runner_;
    HostConnection connection_;
    std::filesystem::path work_;
};

}  // namespace patchlab::rollout
