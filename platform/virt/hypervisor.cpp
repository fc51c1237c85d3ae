// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/hypervisor.hpp"

namespace patchlab::virt {

std::string_view name(Acceleration acceleration) {
    switch (acceleration) {
        case Acceleration::kvm: return "kvm";
        case Acceleration::tcg: return "tcg";
    }
    return "tcg";
}

std::string_view name(CheckpointKind kind) {
    switch (kind) {
        case CheckpointKind::mapped: return "mapped";
        case CheckpointKind::saved: return "saved";
    }
    return "saved";
}

std::string_view name(MachineState state) {
    switch (state) {
        case MachineState::running: return "running";
        case MachineState::paused: return "paused";
        case MachineState::stopped: return "stopped";
        case MachineState::crashed: return "crashed";
        case MachineState::unknown: return "unknown";
    }
    return "unknown";
}

}  // namespace patchlab::virt
