// SPDX-License-Identifier: Apache-2.0
//
// Getting what lies at an address, with curl. Thread safety: free function.
#pragma once

#include <string>
#include <vector>

#include "platform/process/command.hpp"

namespace patchlab::process {

/// Fetches a web address: http and https alone, nothing of ~/.curlrc, no pattern in the address
/// expanded, and an answer of 400 or more is a failure. `more`: options beside these. The body goes
/// to stdout unless they name a file. The purpose and the deadline are the caller's.
CommandSpec curl_get(const std::string& address, const std::vector<std::string>& more);

}  // namespace patchlab::process
