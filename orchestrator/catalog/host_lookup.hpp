// SPDX-License-Identifier: Apache-2.0
//
// Which hosts have a package: the port through which the catalog asks an inventory. Fail closed:
// what nobody observed is unknown.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace patchlab::catalog {

class HostLookup {
  public:
    virtual ~HostLookup() = default;
    /// Names of the hosts that have exactly this version; nullopt when nobody knows.
    virtual std::optional<std::vector<std::string>> hosts_with(
        const std::string& package, const std::string& version) const = 0;
    /// Of how many hosts nothing current is known: they may have it besides.
    virtual std::size_t unknown_hosts() const { return 0; }
};

/// There is no inventory.
class NoInventory final : public HostLookup {
  public:
    std::optional<std::vector<std::string>> hosts_with(const std::string&,
                                                       const std::string&) const override {
        return std::nullopt;
    }
};

}  // namespace patchlab::catalog
