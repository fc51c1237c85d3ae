// SPDX-License-Identifier: Apache-2.0
//
// A lab's file and the suites that stand beside it, as the request of `lab.check` and `lab.add`
// holds them, so that the operation may run on another host. Thread safety: free functions.
#pragma once

#include <string>

#include "orchestrator/pipeline/run/lab_store.hpp"
#include "platform/core/json.hpp"

namespace patchlab::operations {

/// Reads the file and every suite that it could mean. Error(not_found), Error(usage) for a folder.
Json lab_request(const std::string& file);

/// The lab of such a request, or of one that names a file of this host.
pipeline::StoredLab lab_in(const JsonReader& request, Diagnostics& mistakes);
/// How mistakes call it.
std::string lab_file_in(const JsonReader& request);

}  // namespace patchlab::operations
