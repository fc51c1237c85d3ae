// SPDX-License-Identifier: Apache-2.0
//
// The catalog, as several operations open it.
#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/operations/session.hpp"

namespace patchlab::operations {

/// The catalog of the state folder; nothing is recorded by opening it.
catalog::Catalog open_catalog(Session& session);

}  // namespace patchlab::operations
