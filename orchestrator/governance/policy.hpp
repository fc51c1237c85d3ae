// SPDX-License-Identifier: Apache-2.0
//
// Policy as code: which runs may be promoted, who must approve, and what may be waived. YAML,
// schema patchlab/policy/v1 (docs/reference/policy.md); and the store of a state folder's policies.
// Values; PolicyStore: one a thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/governance/governance.hpp"
#include "orchestrator/governance/users.hpp"
#include "platform/core/diagnostics.hpp"

namespace patchlab::governance {

/// How the way back must have been practised.
///   optional   it need not
///   restore    back to the checkpoint, with nothing left different
///   downgrade  that, and by installing the exact old versions as well
enum class DrillDemand { optional, restore, downgrade };
std::string_view name(DrillDemand demand);

struct ApprovalDemand {
    Role role = Role::release_manager;
    int count = 1;
    bool own_key = false;  ///< only with a key that the approver keeps
};

/// How long a release must have been out.
struct ReleaseAge {
    double days = 0;
    std::map<std::string, double> by_urgency;  ///< instead of `days` for a patch of this urgency
    double of(const std::string& urgency) const;
};

/// What is demanded of runs, as a whole or of those that hold a machine of one criticality.
struct Demands {
    std::vector<std::string>
        suites;  ///< run on at least one machine, and every check of it passes after the patch
    std::vector<std::string> checks;  ///< "suite/name"
    DrillDemand drill = DrillDemand::optional;
    std::optional<ReleaseAge> release_age;
    std::vector<ApprovalDemand> approvals;
};

struct Freeze {
    std::string from, until;  ///< dates, both days included, UTC
    std::string reason;
    std::set<std::string> except_urgency;
};

struct WaiverRules {
    std::vector<Role> roles{Role::release_manager, Role::system_owner};
    int longest_days = 30;
    std::set<std::string>
        never;  ///< requirements that may not be waived, besides evidence, signature and approvals
};

struct Policy {
    std::string name;
    std::string description;
    std::set<std::string> verdicts{"validated"};  ///< that may be promoted
    bool played_runs = false;  ///< whether a run without real machines may be promoted: only for
                               ///< trying patchlab out
    /// Whoever asked and everybody who approved acted from accounts of their own.
    bool distinct_accounts = false;
    Demands all;
    Demands needs_review;                        ///< besides, when the verdict is needs-review
    std::map<std::string, Demands> criticality;  ///< besides, when the lab holds such a machine
    std::optional<double> evidence_days;         ///< older evidence has expired
    std::vector<Freeze> freezes;
    WaiverRules waivers;
    /// Group that a proxy names → roles of whoever is in it; empty: nobody logs in that way.
    std::map<std::string, std::vector<Role>> proxy_groups;
    std::string source;  ///< the text
    std::string digest;  ///< its sha256
};

/// Every mistake goes to `diagnostics`, with file, line and path; the policy is usable only if none
/// was added.
Policy parse_policy(const std::string& yaml, const std::string& file_name,
                    Diagnostics& diagnostics);
/// Reads a file. Error(not_found).
Policy load_policy(const std::filesystem::path& file, Diagnostics& diagnostics);

/// The published JSON Schema (2020-12).
std::string policy_schema();
/// The policies that ship: "default", which holds until another one is added, and "strict".
std::vector<std::string> builtin_policy_names();
/// The text of one. Error(not_found).
std::string builtin_policy(const std::string& name);

// The policies of a state folder. The newest one is in force; none is ever changed or removed, so
// that every decision can be looked at with the policy it was taken under. Until one is added, the
// built-in "default" holds. Thread safety: one a thread.

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
