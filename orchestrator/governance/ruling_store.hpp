// SPDX-License-Identifier: Apache-2.0
//
// Approving, rejecting and waiving, and what was decided so far. The store itself refuses an
// approval or waiver by the person who asked for the run (a trigger of the database, besides the
// checks here), and nothing in it can be changed or taken back: who changes their mind decides
// anew, and the newest ruling of a person counts. Thread safety: one a thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/governance/governance.hpp"
#include "orchestrator/governance/ruling.hpp"

namespace patchlab::governance {

/// What a person says to a run.
struct RulingWords {
    RulingKind kind = RulingKind::approve;
    std::string run;
    std::string reason;
    std::string requirement;         ///< waive
    std::string owner;               ///< waive; empty: the author
    std::string expires;             ///< waive: a date or a time
    std::optional<Role> role;        ///< approve: in which role, when the author has several
    const SecretKey* key = nullptr;  ///< the author's own key; nullptr: the one that patchlab keeps
    /// What the author signed elsewhere with their own key (draft_ruling); empty: it is signed
    /// here.
    std::string signed_text{};
};

/// What rule() would record now, for an author who keeps their own key, to be signed where it is.
/// It is taken for 15 minutes, and while nothing of it changes. Errors as of rule().
std::string draft_ruling(Governance& house, const Actor& actor, const RulingWords& words);

/// Records it, signed and audited. Error(not_allowed): role, separation of duties, a key that is
/// not the author's, a requirement that may not be waived, or an approval while the evidence does
/// not satisfy the policy; Error(refused): the evidence is not intact; Error(conflict): the run
/// left no evidence yet.
Ruling rule(Governance& house, const Actor& actor, const RulingWords& words);

/// All rulings over this evidence, oldest first, each verified. Error(refused) when one of them is
/// not what was signed.
std::vector<Ruling> rulings_of(Governance& house, const std::string& run,
                               const std::string& evidence_digest);

}  // namespace patchlab::governance
