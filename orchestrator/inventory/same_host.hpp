// SPDX-License-Identifier: Apache-2.0
//
// Whether two entries of an inventory are one machine: by name (the domain name system knows no
// capital letters, and a dot at the end changes nothing), or by where Ansible would connect to.
// Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/inventory/host.hpp"

namespace patchlab::inventory {

/// Equal for names of one host: "WEB-1", "web-1" and "web-1." give the same.
std::string host_key(std::string_view name);

/// An address in its one spelling: IPv6 without superfluous zeros, IPv4 in IPv6 as IPv4, names as
/// host_key().
std::string address_key(std::string_view address);

/// Hosts that Ansible would reach at the same place.
struct SharedAddress {
    std::string address;  ///< with ":PORT" where it is not the usual one
    std::vector<std::string> hosts;

    /// "web-3 and web-4 have the same address 192.0.2.1: …"
    std::string warning() const;
};
/// Of two hosts with one address behind different ports or different ways to connect, none is
/// listed. In the order of addresses. Cost: linear in hosts.
std::vector<SharedAddress> shared_addresses(const std::vector<Host>& hosts);

}  // namespace patchlab::inventory
