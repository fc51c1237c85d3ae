// SPDX-License-Identifier: Apache-2.0
//
// Whoever keeps their own key agrees to another one with a statement that the old key signs
// (predicate urn:patchlab:key-change:v1). The command line makes it where the secret is; a secret
// never travels. Whoever registers a key shows in the same way that they have its secret (predicate
// urn:patchlab:key-possession:v1). Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "platform/core/signing.hpp"

namespace patchlab {

/// `to`: the id of the new key, or "state" for one that patchlab makes and keeps.
std::string agree_to_key(const std::string& user, const std::string& to, const SecretKey& old_key);

/// Error(refused): the old key did not sign it, or it is about another user or another key.
void expect_agreement(std::string_view text, const std::string& user, const std::string& to,
                      const PublicKey& old_key);

/// That `user` has the secret of this key: signed with it, and of use for this user and key only.
std::string prove_possession(const std::string& user, const SecretKey& key);

/// Error(refused): the key did not sign it, or it is about another user or another key.
void expect_possession(std::string_view text, const std::string& user, const PublicKey& key);

}  // namespace patchlab
