// SPDX-License-Identifier: Apache-2.0
//
// What a deployer sees of a host's packages is newer than the host's scan: it is noted in the
// inventory, so that "who needs it" and "who has it" are true right after a rollout, and not only
// after the next scan. Thread safety: as the deployer it wraps.
#pragma once

#include <memory>

#include "orchestrator/inventory/scan_store.hpp"
#include "orchestrator/rollout/engine/deployer.hpp"

namespace patchlab::rollout {

class NotingDeployer final : public Deployer {
  public:
    /// The database is borrowed.
    NotingDeployer(std::unique_ptr<Deployer> inner, store::Database& database)
        : inner_(std::move(inner)), scans_(database) {}

    /// As the inner one. An inventory that cannot be written stops no rollout: it is logged, and
    /// the next scan tells.
    void carry_out(const Order& order, const HostAnswered& answered) override;

  private:
    std::unique_ptr<Deployer> inner_;
    inventory::ScanStore scans_;
};

}  // namespace patchlab::rollout
