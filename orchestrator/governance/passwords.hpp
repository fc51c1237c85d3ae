// SPDX-License-Identifier: Apache-2.0
//
// The passwords of users, hashed (argon2id). A row of the audit trail names the digest of each
// hash, so that a hash which somebody wrote into the store is good for nothing. Thread safety: one
// a thread.
#pragma once

#include <optional>
#include <string>

#include "orchestrator/governance/governance.hpp"

namespace patchlab::governance {

/// Error(invalid) for a password that is too short or too easily guessed.
void check_password(const std::string& user, const std::string& password);

struct PasswordStatus {
    std::string set_at, set_by;
};

class PasswordStore {
  public:
    explicit PasswordStore(Governance& house) : house_(house) {}

    /// Sets it, ends the user's sessions but the actor's own, and leaves a row.
    void set(const Actor& actor, const std::string& user, const std::string& password);
    /// nullopt: there is none.
    std::optional<PasswordStatus> status(const std::string& user);
    /// Why this is not the password of an active user: "no such user", "wrong password"; empty: it
    /// is. Takes as long for a user that there is not.
    std::string why_not(const std::string& user, const std::string& password);

  private:
    Governance& house_;
};

}  // namespace patchlab::governance
