// SPDX-License-Identifier: Apache-2.0
//
// Asks every host of the inventory whether it needs an offer. Hosts that are gone are not asked. A
// host without a current scan is unknown, whatever was seen of it before. Cost: linear in hosts,
// and in those that have one of the offer's packages. Thread safety: one a thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/inventory/need.hpp"
#include "orchestrator/inventory/scan_store.hpp"
#include "platform/store/database.hpp"

namespace patchlab::inventory {

class NeedFinder {
  public:
    /// Looks once at which hosts there are and how current their scans are.
    NeedFinder(store::Database& database, TimePoint now, Seconds max_age = fresh_for);

    struct AskedHost {
        std::int64_t id = 0;
        std::string name;
        std::string unknown;  ///< why nothing is known of it; empty: its scan is current
    };
    /// In the order in which find() tells of them.
    const std::vector<AskedHost>& hosts() const { return hosts_; }

    /// Tells of every host, or of `only` this one (Error(not_found)).
    void find(const Offer& offer,
              const std::function<void(const AskedHost& host, const NeedAnswer& answer)>& each,
              const std::string& only = {});

    /// Tells of those hosts alone that have a current scan and one of the offer's packages, by
    /// their place in hosts(). Of the others find() says the same for every offer: unknown where
    /// there is no current scan, else not needed.
    void find_having(const Offer& offer,
                     const std::function<void(std::size_t at, const NeedAnswer& answer)>& each);

  private:
    store::Database& database_;
    std::vector<AskedHost> hosts_;
};

}  // namespace patchlab::inventory
