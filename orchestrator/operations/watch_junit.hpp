// SPDX-License-Identifier: Apache-2.0
//
// One JUnit file of a look at the vendors, for a CI job. Pure; thread-safe.
#pragma once

#include <string>

#include "platform/core/json_fwd.hpp"

namespace patchlab::operations {

/// `look`: schema patchlab/watch-look/v1. A test suite for each campaign, with a case for each
/// patch, and one for the vendors' suites.
std::string junit_of_look(const Json& look);

}  // namespace patchlab::operations
