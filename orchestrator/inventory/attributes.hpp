// SPDX-License-Identifier: Apache-2.0
//
// What an import may say of a host, whichever form it comes in: patchlab's own words (criticality,
// owners, window, …) and Ansible's connection variables. Anything else is not taken in, for it may
// be a secret. Pure functions; thread-safe.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "orchestrator/inventory/host.hpp"

namespace patchlab::inventory {

/// What the words of hosts may refer to.
struct KnownNames {
    std::set<std::string> windows;
};

/// True for a word that set_attribute() takes: criticality, owner, owners, window, location,
/// function, image, tags, groups.
bool is_attribute(std::string_view word);

/// Takes one of patchlab's words into `host`; lists may be arrays or text with commas or
/// semicolons. Gives what is wrong with it, or nothing.
std::string set_attribute(Host& host, std::string_view word, const Json& value,
                          const KnownNames& known);

/// How much of a variable is taken in.
///   connection  kept: how Ansible connects
///   secret      refused: a password, or a private key itself
///   other       left where it is
enum class VariableKind { connection, secret, other };
VariableKind kind_of_variable(std::string_view name);

/// Takes a connection variable into `host`. Gives what is wrong with it, or nothing.
std::string set_variable(Host& host, const std::string& name, const Json& value);

/// What to do instead of a password in an inventory.
std::string secret_advice();

/// At the end, when all was taken: groups called mission_critical and the like say how critical
/// their hosts are, unless the host does. Gives what is wrong, or nothing.
std::string settle(Host& host);

}  // namespace patchlab::inventory
