// SPDX-License-Identifier: Apache-2.0
//
// The inventory as those above it ask: the catalog (who has this version?) and the rollout (which
// hosts are there, and do they need this entry?), and their offers as the inventory compares them.
// What is unknown stays unknown. They borrow database and clock. Thread safety: one a thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/catalog/entry.hpp"
#include "orchestrator/catalog/host_lookup.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/inventory/need.hpp"
#include "orchestrator/rollout/plan/plan.hpp"
#include "platform/core/clock.hpp"
#include "platform/store/database.hpp"

namespace patchlab::operations {

class InventoryLookup final : public catalog::HostLookup {
  public:
    InventoryLookup(store::Database& database, const Clock& clock)
        : database_(database), clock_(clock) {}
    /// By the newest scan of each host, however old, and hosts that are gone included; nullopt when
    /// no host was ever scanned.
    std::optional<std::vector<std::string>> hosts_with(const std::string& package,
                                                       const std::string& version) const override;
    std::size_t unknown_hosts() const override;

  private:
    store::Database& database_;
    const Clock& clock_;
};

class InventoryHosts final : public rollout::HostSource {
  public:
    InventoryHosts(store::Database& database, const Clock& clock)
        : database_(database), clock_(clock) {}
    /// Hosts that are gone are left out. A host that only has the package for an architecture which
    /// the entry does not offer does not need the entry.
    std::vector<rollout::HostFacts> hosts(const catalog::Entry& entry) override;
    assessment::Windows windows() override;

  private:
    store::Database& database_;
    const Clock& clock_;
};

inventory::Offer offer_of(const catalog::Entry& entry);
inventory::Offer offer_of(const intake::Patch& patch);

/// Everything that is offered: entries that are offered, and candidate patches that no such entry
/// holds.
std::vector<inventory::Offer> current_offers(const std::filesystem::path& state,
                                             store::Database& database);

}  // namespace patchlab::operations
