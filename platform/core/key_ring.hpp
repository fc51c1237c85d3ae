// SPDX-License-Identifier: Apache-2.0
//
// A folder (0700) that holds one signer's Ed25519 keys over time: one current key that signs, and
// the public keys of all before it, so that old signatures stay verifiable. The first key is made
// at first use; whoever else comes at that moment waits and gets the same one.
//   <folder>/ring.json        schema patchlab/keys/v1: id, public key, created, retired, revoked;
//                             written last
//   <folder>/<id>.key         the current secret key, 0600; destroyed when it is retired
//   <folder>/<id>.documents   the sha256 of each document that a retired key signed, one a line:
//                             what else it signs later does not count
// Thread safety: one a thread; several processes may share a folder.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/signing.hpp"

namespace patchlab {

struct RingKey {
    PublicKey key;
    std::string created;       ///< RFC 3339
    std::string retired;       ///< RFC 3339; empty: the current one
    std::string revoked = {};  ///< RFC 3339; empty: nobody else had it
};

/// Gives the sha256 of each document that counts although its key is not in use any more.
using SignedDocuments = std::function<std::set<std::string>()>;

class KeyRing {
  public:
    explicit KeyRing(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// The key that signs, made now when there is none. Error(lab): it cannot be read, or others
    /// can.
    SecretKey current(const Clock& clock) const;
    /// Retires the current key and makes another; gives the new one. The old one counts for
    /// `documents` from now on; without them for all, as in rings of earlier versions.
    RingKey rotate(const Clock& clock, const SignedDocuments& documents = {}) const;
    /// Somebody else had the key: it counts for `documents` alone from now on, and the current one
    /// is retired, too. Gives the key now in use. Error(not_found).
    RingKey revoke(const std::string& id, const Clock& clock,
                   const SignedDocuments& documents) const;
    /// Oldest first; empty when no key was ever made.
    std::vector<RingKey> list() const;
    /// What signatures of this signer are verified with, today's and older ones.
    std::vector<PublicKey> public_keys() const;
    /// The same, whatever the documents: for what proves something about a signer only.
    std::vector<PublicKey> public_keys_of_all_times() const;

  private:
    SecretKey make(std::vector<RingKey>& keys, const Clock& clock) const;
    void write(const std::vector<RingKey>& keys) const;
    void retire(std::vector<RingKey>& keys, const Clock& clock,
                const SignedDocuments& documents) const;
    void remember(RingKey& key, const SignedDocuments& documents) const;
    void destroy_retired(const std::vector<RingKey>& keys) const;
    std::filesystem::path secret_file(const PublicKey& key) const {
        return folder_ / (key.id() + ".key");
    }
    std::filesystem::path documents_file(const std::string& id) const {
        return folder_ / (id + ".documents");
    }

    std::filesystem::path folder_;
};

/// The ring of this installation: it signs evidence, countersigns approvals and signs the head of
/// the audit trail.
inline KeyRing installation_keys(const std::filesystem::path& state) {
    return KeyRing(state / "keys" / "installation");
}

}  // namespace patchlab
