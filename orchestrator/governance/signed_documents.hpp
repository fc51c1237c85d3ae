// SPDX-License-Identifier: Apache-2.0
//
// What the installation's keys signed, as far as this state folder knows: evidence, decision
// records, decisions, entries of the catalog, heads of the audit trail. A key that is retired
// counts for these documents alone. Thread safety: one a thread.
#pragma once

#include <set>
#include <string>

#include "orchestrator/governance/governance.hpp"

namespace patchlab::governance {

/// The sha256 of each signed document that is here now.
std::set<std::string> signed_documents(Governance& house);

/// Those of them that the audit trail had named before `until` (RFC 3339): by their own digest, by
/// that of the evidence they seal, or by the entry of the catalog that they decide about. What a
/// stolen key signed later is none of them. And the heads of the trail itself, which the caller has
/// found intact.
std::set<std::string> documents_on_record(Governance& house, const std::string& until);

}  // namespace patchlab::governance
