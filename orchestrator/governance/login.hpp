// SPDX-License-Identifier: Apache-2.0
//
// Who acts, of a call that comes with a credential instead of an account of this host.
#pragma once

#include <string>

#include "orchestrator/governance/credential.hpp"
#include "orchestrator/governance/governance.hpp"

namespace patchlab::governance {

/// Who acts. `from`: where the call comes from ("192.0.2.7"), for the record and the limits. Only
/// a proxy that is trusted may give a credential of that kind: the caller answers for it. Groups
/// become roles by `proxy-groups` of the policy in force; without it nobody gets in that way.
/// Error(not_authenticated); Error(not_allowed) for somebody whose groups mean no role.
Actor authenticate(Governance& house, const Credential& credential, const std::string& from);

}  // namespace patchlab::governance
