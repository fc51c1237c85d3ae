// SPDX-License-Identifier: Apache-2.0
//
// A user as the audit trail has them. Roles, keys and accounts stand in tables that somebody with a
// hand in the database can write; the rows about them cannot be altered unseen. Thread safety: one
// a thread.
#pragma once

#include "orchestrator/governance/governance.hpp"

namespace patchlab::governance {

/// Error(refused) unless roles, key and account of the user are those that the newest rows of the
/// trail name. Rows of earlier versions name no account.
void expect_on_record(Governance& house, const User& user);

}  // namespace patchlab::governance
