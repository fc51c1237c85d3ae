// SPDX-License-Identifier: Apache-2.0
//
// Which attempt of a run counts on the head. Only the newest one that has not ended may begin,
// report or deliver; whatever an older one still has to say is refused.
#pragma once

#include "orchestrator/pipeline/run/attempts.hpp"
#include "platform/core/error.hpp"

namespace patchlab::nodes {

/// Thrown when an attempt does not count any more: the node ends its sandbox.
class Superseded : public Error {
  public:
    explicit Superseded(const std::string& what) : Error(ErrorCode::conflict, what) {}
};

/// Superseded unless `attempt` is the newest one, has not ended, and the run is not over. What
/// depends on the answer is done under pipeline::lock_attempts().
void expect_newest(const pipeline::RunFolder& run, int attempt);

}  // namespace patchlab::nodes
