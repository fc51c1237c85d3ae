// SPDX-License-Identifier: Apache-2.0
//
// Who is at the other end of a link. The head sends a challenge with the id of its key; the node
// signs it together with a challenge of its own, and the head signs that. So each side proves that
// it has its key now, and no proof of one link is good for another link or another head. Messages:
// docs/reference/nodes.md. Pure but for the link.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/nodes/link/link.hpp"
#include "platform/core/signing.hpp"

namespace patchlab::nodes {

inline constexpr std::string_view link_schema = "patchlab/node-link/v1";

/// A lab host as the head knows it.
struct KnownNode {
    std::string name;
    PublicKey key;
    std::string added;  ///< RFC 3339
    std::string added_by;
    std::string revoked;  ///< RFC 3339; empty: it may work
    std::string revoked_by;
    std::string reason;  ///< of its revocation
    std::string seen;    ///< RFC 3339: when it last called; empty: never
};
using FindNode = std::function<std::optional<KnownNode>(const std::string& name)>;

/// The head's part. Gives the node. Error(not_allowed) for an unknown or revoked node and for a
/// wrong signature; the other side is told.
KnownNode greet_node(Link& link, const SecretKey& head, const FindNode& find);

/// The node's part. `heads`: the keys that a head may have; empty: any. Error(not_allowed) when the
/// head refuses, when its key is none of them, or when it is of another version.
void greet_head(Link& link, const std::string& name, const SecretKey& key,
                const std::vector<PublicKey>& heads);

/// The answer {error: …} for what was thrown, and the other way round: throws what an answer holds.
Json error_answer(const Error& error);
void throw_error_of(const Json& answer);

}  // namespace patchlab::nodes
