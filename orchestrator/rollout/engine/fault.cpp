// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/engine/fault.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace patchlab::rollout {

void meet_rollout_fault(std::string_view point) {
    const char* text = std::getenv("PATCHLAB_FAULT");
    if (!text) return;
    std::string wanted = text;
    static int met = 0;
    int at = 1;
    if (const auto mark = wanted.find('@'); mark != std::string::npos) {
        at = std::atoi(wanted.c_str() + mark + 1);
        wanted.resize(mark);
    }
    if (wanted == "rollout-" + std::string(point) + ":kill" && ++met == at)
        ::kill(::getpid(), SIGKILL);
}

}  // namespace patchlab::rollout
