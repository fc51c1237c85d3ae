// SPDX-License-Identifier: Apache-2.0
//
// An address with its prefix length, IPv4 or IPv6, as a network member has it. Value; thread-safe.
#pragma once

#include <array>
#include <optional>
#include <string>

namespace patchlab::labdefs {

struct NetworkAddress {
    std::array<unsigned char, 16> bytes{};
    unsigned size = 4;  ///< bytes in use: 4 or 16
    unsigned prefix = 0;

    /// nullopt when `text` is not "ADDRESS/PREFIX".
    static std::optional<NetworkAddress> parse(const std::string& text);
    /// Whether the address of `other` lies in the network of this one.
    bool network_holds(const NetworkAddress& other) const;
    /// True when no bit after the prefix is set, as in 10.0.0.0/24.
    bool names_a_network() const;
    bool same_host(const NetworkAddress& other) const {
        return size == other.size && bytes == other.bytes;
    }
};

}  // namespace patchlab::labdefs
