// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/capacity.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

namespace patchlab::pipeline {

unsigned long memory_mib_of(const RunRequest& request) {
    constexpr unsigned long emulator_mib = 360;  // 256 of it for translated code (docs/adr/0007)
    unsigned long memory = 0;
    for (const MachineRequest& machine : request.machines)
        memory += machine.definition.memory_mib + emulator_mib;
    return memory;
}

HostRoom room_of_this_host() {
    HostRoom room;
    room.cores = std::max(1U, std::thread::hardware_concurrency());
    std::ifstream file("/proc/meminfo");
    std::string name, unit;
    for (unsigned long kib = 0; file >> name >> kib;) {
        if (name == "MemAvailable:") room.memory_mib = kib / 1024;
        std::getline(file, unit);
    }
    return room;
}

unsigned trials_at_once(const RunRequest& request, const HostRoom& room) {
    const unsigned long memory = memory_mib_of(request);
    const unsigned long by_memory = memory == 0 ? 1 : room.memory_mib / memory;
    const unsigned long by_cores = room.cores / std::max<std::size_t>(1, request.machines.size());
    return static_cast<unsigned>(std::clamp(std::min(by_memory, by_cores), 1UL, 64UL));
}

bool memory_bears(const RunRequest& request, const HostRoom& room, unsigned trials) {
    return room.memory_mib >= memory_mib_of(request) * trials;
}

bool bears_one_more(const RunRequest& request, const HostRoom& room, unsigned workers) {
    return room.cores >= (workers + 1) * request.machines.size() && memory_bears(request, room, 1);
}

}  // namespace patchlab::pipeline
