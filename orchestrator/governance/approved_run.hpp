// SPDX-License-Identifier: Apache-2.0
//
// An approved run: what the catalog makes an entry of, and what a rollout checks again before each
// ring. Both get the same value, and only when all of it holds: the evidence is intact and signed
// by the installation, every ruling is signed by its author and countersigned, the approver is not
// the requester, and the policy is satisfied.
//   approved_run()   from the state folder: is this run approved now?
//   write_approval() puts the documents into a folder, beside a copy of the evidence
//   read_approval()  from those documents alone, offline, with the installation's public keys:
//                    neither database nor state folder
// The folder holds decision.dsse.json (signed by the installation), policy.yaml (the text it was
// decided under) and ruling-01.dsse.json, … (every ruling over that evidence, oldest first);
// nothing more and nothing less. Formats: docs/formats/ruling.md, decision.md. Values; thread-safe
// as such.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/governance/decision.hpp"

namespace patchlab::governance {

struct ApprovedRun {
    EvidenceFacts
        facts;  ///< facts.run is the sealed run document, facts.digest the digest of the evidence
    Decision decision;  ///< satisfied
    std::vector<Ruling>
        rulings;  ///< approvals, waivers, and rejections that were taken back; oldest first
    std::string policy_source;      ///< the YAML it was decided under
    std::string decision_envelope;  ///< the signed decision

    const std::string& run() const { return facts.run.id; }
    /// Names of those whose approval counts, each once.
    std::vector<std::string> approvers() const;
};

/// Error(not_found): no such run. Error(refused): it is not approved, with every open requirement.
ApprovedRun approved_run(Governance& house, const std::string& run);

/// Writes the documents into `folder`, which is made; files 0444.
void write_approval(const ApprovedRun& approved, const std::filesystem::path& folder);

/// Reads and verifies them again. The decision is not believed but taken once more, from the
/// evidence, the rulings and the policy, for the time at which it was taken; a waiver must not be
/// over at `now`. Error(refused) with the first thing that does not hold; Error(not_found) when a
/// document is missing.
ApprovedRun read_approval(const std::filesystem::path& folder,
                          const std::filesystem::path& evidence,
                          const std::vector<PublicKey>& installation, TimePoint now);

}  // namespace patchlab::governance
