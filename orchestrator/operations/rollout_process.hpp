// SPDX-License-Identifier: Apache-2.0
//
// What drives a rollout: in the process of whoever asked for it, or in one of its own. The process
// of its own is no operation: it acts for the person who asked, and every change that it makes is
// recorded under their name.
#pragma once

#include <string>

#include "orchestrator/operations/event_sink.hpp"
#include "orchestrator/operations/session.hpp"
#include "orchestrator/rollout/store/store.hpp"

namespace patchlab::operations {

/// Drives the rollout in this process until there is nothing to do: it is over, halted or paused.
/// Error(conflict) while another process drives it.
void drive_rollout(Session& session, EventSink& events, const std::string& id, bool ignore_windows);

/// Starts the process `patchlab internal-rollout ID` and waits until it drives the rollout.
void launch_rollout_driver(Session& session, const std::string& id, bool ignore_windows);

/// The body of that process. Gives its exit code.
int rollout_process(Session& session, EventSink& events, const std::string& id,
                    bool ignore_windows);

/// 0: it did what was asked; 1: it did not get there.
int exit_of_rollout(rollout::RolloutStore& store, const rollout::RolloutRow& row);

}  // namespace patchlab::operations
