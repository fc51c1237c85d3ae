// SPDX-License-Identifier: Apache-2.0
//
// What a service does not do, though the same words work on its host. Pure; thread-safe.
#pragma once

#include "orchestrator/operations/operation.hpp"

namespace patchlab::service {

/// Error(usage) for what makes no sense through a service; Error(not_allowed) for what would let a
/// guest (Session::has_guest()) run programs with the rights of the service.
void expect_offered(operations::Session& session, const operations::Operation& operation,
                    const Json& request);

}  // namespace patchlab::service
