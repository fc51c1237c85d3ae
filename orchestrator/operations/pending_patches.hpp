// SPDX-License-Identifier: Apache-2.0
//
// What is asked of the vendors of a lab's images.
#pragma once

#include "orchestrator/intake/fetcher.hpp"
#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

/// The images and the package sources of the request's `lab` and `images`. Error(not_found),
/// Error(usage) when neither names any, Error(invalid) when they are of different releases.
intake::FetchRequest fetch_request(Call& call, const JsonReader& request);

}  // namespace patchlab::operations
