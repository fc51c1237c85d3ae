// SPDX-License-Identifier: Apache-2.0
//
// Faults on purpose, so that the promise about faults can be tested with real machines as with
// played ones: PATCHLAB_FAULT=STAGE:FAULT makes the worker meet FAULT when it enters STAGE (every
// time it does; with ":once" only the first time).
//   kill             SIGKILL to the worker
//   disk-full        the stage fails for want of space on the host
//   emulator-gone    every emulator is killed
//   emulator-hung    every emulator is stopped, as one that hangs
//   agent-gone       the guests' agents stop answering
//   hold             the worker stands still while the file `hold` is in its host's state folder
//   superseded       a newer attempt takes the run, as after this host was taken for dead
//
// Linked into patchlab-sim and the tests; the released program has neither this nor the fake
// backend.
#pragma once

#include <optional>
#include <string>

#include "orchestrator/pipeline/lab/session.hpp"
#include "orchestrator/pipeline/run/run_folder.hpp"

namespace patchlab::pipeline {

struct Fault {
    Stage stage = Stage::clone;
    std::string kind;
    bool once = false;
};

/// From now on PATCHLAB_FAULT=POINT:kill ends this process with SIGKILL at that fail point
/// (platform/core/fail_point.hpp); with "@3" the third passage counts.
void obey_fail_points();
/// The backend, whose workers meet what PATCHLAB_FAULT asks for.
Backend with_faults(Backend backend);

/// What PATCHLAB_FAULT asks for; nothing where it is the business of a fail point. Error(invalid)
/// when it is not a fault.
std::optional<Fault> wanted_fault();

/// Called on entry to each stage, after its name was stored. `session` may be null.
void meet_fault(const std::optional<Fault>& fault, Stage stage, const RunFolder& folder,
                LabSession* session, const RunRequest& request);

}  // namespace patchlab::pipeline
