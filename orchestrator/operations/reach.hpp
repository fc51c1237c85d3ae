// SPDX-License-Identifier: Apache-2.0
//
// What a request reaches: the machines of labs, the hosts, and the labs, channels and rings by
// name. Roles that hold for a scope, and tokens that are narrowed, are held against it. Thread
// safety: one a thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

struct Reach {
    std::vector<governance::Place> places;
    std::set<std::string> labs, channels, rings;
    /// Besides what is named it reaches things of the whole installation.
    bool everything = false;
};

/// Of a request with whole names. What is named and does not exist is left to the operation.
Reach reach_of(Session& session, const Operation& operation, const Json& request);

}  // namespace patchlab::operations
