// SPDX-License-Identifier: Apache-2.0
//
// The users and their public keys as a signed document (predicate urn:patchlab:users:v1), which
// verifiers elsewhere keep together with the installation's public keys. A decision record brings
// the key of its author along; who pinned the users does not take that from whoever has the
// installation's key today. Values; thread-safe as such.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/governance/governance.hpp"
#include "orchestrator/governance/ruling.hpp"

namespace patchlab::governance {

struct PinnedKey {
    std::string id;
    KeyCustody custody = KeyCustody::state;
    std::string added;    ///< RFC 3339
    std::string retired;  ///< RFC 3339; empty: the one in use
};

struct PinnedUsers {
    std::string time;  ///< RFC 3339: as they were then
    std::map<std::string, std::vector<PinnedKey>> keys;
};

/// The users of this state, signed by the installation.
std::string users_document(Governance& house);
/// Error(refused): none of the keys signed it; Error(invalid): it is no such document.
PinnedUsers open_users(std::string_view text, std::string_view where,
                       const std::vector<PublicKey>& installation);

/// Error(refused) unless the key of the record was its author's when it was given, and was kept by
/// whom the record says. Of a key that came later than the document nothing is known.
void expect_pinned(const Ruling& ruling, std::string_view where, const PinnedUsers& users);

}  // namespace patchlab::governance
