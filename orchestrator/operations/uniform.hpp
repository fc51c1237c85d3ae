// SPDX-License-Identifier: Apache-2.0
//
// One style for all responses, put on in one place (docs/reference/json.md): a moment is called
// `…_at` everywhere, and a number of hosts `host_count`. The older names stay beside. Pure;
// thread-safe.
#pragma once

#include "platform/core/json.hpp"

namespace patchlab::operations {

/// Adds the names that all documents share. A sealed or signed document (a run's, a decision's) is
/// left as it was sealed, and so is whatever people or hosts put into a document.
void add_uniform_names(Json& response);

}  // namespace patchlab::operations
