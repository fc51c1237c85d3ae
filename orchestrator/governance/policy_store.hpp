// SPDX-License-Identifier: Apache-2.0
//
// The policies of a state folder. The newest one is in force; none is ever changed or removed, so
// that every decision can be looked at with the policy it was taken under. Until one is added, the
// built-in "default" holds. Thread safety: one a thread.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/governance/governance.hpp"
#include "orchestrator/governance/policy.hpp"

namespace patchlab::governance {

struct StoredPolicy {
    Policy policy;
    std::string added;  ///< RFC 3339; empty: built in and never added
    std::string added_by;
};

class PolicyStore {
  public:
    explicit PolicyStore(Governance& house) : house_(house) {}

    /// Error(refused) when it is not the one that the audit trail says was added last.
    StoredPolicy in_force();
    /// Oldest first; the last one is in force. Empty when none was added.
    std::vector<StoredPolicy> list();
    /// Puts a policy in force, recorded. Error(not_allowed) unless the actor is an administrator;
    /// Error(invalid) with every mistake.
    StoredPolicy add(const Actor& actor, const std::string& yaml, const std::string& file_name);

  private:
    Governance& house_;
};

}  // namespace patchlab::governance
