// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/engine/deployer.hpp"

namespace patchlab::rollout {

std::string_view name(Step step) {
    switch (step) {
        case Step::inspect: return "inspect";
        case Step::install: return "install";
        case Step::back_out: return "back-out";
    }
    return "inspect";
}

std::string_view name(Answer answer) {
    switch (answer) {
        case Answer::done: return "done";
        case Answer::failed: return "failed";
        case Answer::unreachable: return "unreachable";
        case Answer::unknown: return "unknown";
    }
    return "unknown";
}

}  // namespace patchlab::rollout
