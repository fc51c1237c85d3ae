// SPDX-License-Identifier: Apache-2.0
//
// Brings a database to the newest schema. What was applied is kept in the table schema_migrations
// with the sha256 of its text: a landed migration is frozen, and whoever edits one is told so at
// the next open.
#pragma once

#include <vector>

#include "platform/store/database.hpp"

namespace patchlab::store {

/// Applies, in one transaction, what is not applied yet. Errors as Database's constructor.
void migrate(Database& database, const std::vector<Migration>& migrations);

}  // namespace patchlab::store
