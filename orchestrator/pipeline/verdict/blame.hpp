// SPDX-License-Identifier: Apache-2.0
//
// Who is to blame for a machine that does not answer any more, or whose own programs break: the lab
// or the patch? A patch is condemned only when its emulator is well, the patch was being applied or
// had been, and the same shows itself again: in a second trial, or, where a machine stopped while
// it started, when its disk is started once more. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/pipeline/lab/session.hpp"
#include "orchestrator/pipeline/stage.hpp"
#include "orchestrator/pipeline/verdict/reason.hpp"

namespace patchlab::pipeline {

/// Before the patch there is nobody to condemn but the lab; after the reboot check the machines are
/// under test no more.
bool may_be_the_patch(Stage stage);

/// What the patch is suspected of. The first time it is the lab's fault; the second time, in
/// another trial, it is confirmed().
struct Suspicion {
    ReasonKind kind;
    std::string machine;
    std::string what;
};

struct SilentMachine {
    std::string name;
    Silence silence;
};

/// Nothing when a machine's emulator is at fault. `rebooting`: the machine was being rebooted.
/// `what`: how the silence was noticed.
std::optional<Suspicion> suspicion_of_silence(const std::vector<SilentMachine>& machines,
                                              bool rebooting, const std::string& what);

/// How a suspicion was seen a second time.
enum class Sight { two_trials, two_starts };

/// The reason that rejects the patch when a suspicion has come true a second time in `stage`.
Reason confirmed(const Suspicion& suspicion, Stage stage, Sight sight = Sight::two_trials);

}  // namespace patchlab::pipeline
