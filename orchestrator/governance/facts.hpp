// SPDX-License-Identifier: Apache-2.0
//
// What a policy looks at, read from sealed evidence alone: the seal, the signature, and the run
// document. Values.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/governance/due.hpp"
#include "orchestrator/governance/taken_back.hpp"
#include "orchestrator/governance/users.hpp"
#include "platform/core/signing.hpp"
#include "reports/run_document.hpp"

namespace patchlab::governance {

/// When a patch of the run became known.
struct PatchRelease {
    std::string patch;
    std::string urgency;
    std::string seen;  ///< RFC 3339; empty: not on record
};

struct EvidenceFacts {
    std::string digest;        ///< of the manifest; empty: there is no evidence
    std::string seal_problem;  ///< empty: intact
    std::string signer;        ///< id of the installation's key; empty: not signed by it
    std::string signature_problem;
    std::string sealed;        ///< RFC 3339
    reports::RunDocument run;  ///< only meaningful when the seal is intact
    std::vector<PatchRelease> releases;
    Account requester_account;  ///< from which the run was asked for; nothing: it is not known
    std::vector<TakenBackEntry> taken_back;  ///< of the installation, not of the evidence
    std::vector<PatchDue> dues;              ///< of its feeds and inventory
    bool intact() const { return !digest.empty() && seal_problem.empty(); }
};

/// The evidence of another run, or one that names another requester than `run` and `requester`, is
/// not intact.
void expect_run(EvidenceFacts& facts, const std::string& run, const std::string& requester);

/// Never throws for what is wrong with the evidence: that is told in the facts. Error(lab) when it
/// cannot be read.
EvidenceFacts read_facts(const std::filesystem::path& evidence,
                         const std::vector<PublicKey>& installation);

}  // namespace patchlab::governance
