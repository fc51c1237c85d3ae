// SPDX-License-Identifier: Apache-2.0
//
// How far a run is: its stage among all stages, and how long the last run of the same lab took for
// what is still to come. Thread safety: one a thread.
#pragma once

#include <map>
#include <string>

#include "orchestrator/pipeline/run/run_store.hpp"
#include "orchestrator/pipeline/stage.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::operations {

class RunProgressEstimate {
  public:
    /// Looks for the newest finished rehearsal of the run's lab; without one only stages are told.
    RunProgressEstimate(pipeline::RunStore& runs, const std::string& run);

    /// "stage 7 of 17, about 2 min left"; empty for a word that is no stage.
    std::string at(const std::string& stage);

  private:
    double seconds_left() const;

    std::map<pipeline::Stage, double> last_seconds_;
    pipeline::Stage stage_ = pipeline::Stage::clone;
    Stopwatch in_stage_;
};

}  // namespace patchlab::operations
