// SPDX-License-Identifier: Apache-2.0
#include "platform/process/running.hpp"

#include <array>
#include <atomic>
#include <csignal>

namespace patchlab::process {

// A fixed table of atomics: a signal handler may neither lock nor allocate. A command beyond its
// size is only not registered.
static std::array<std::atomic<int>, 256> groups{};
static_assert(std::atomic<int>::is_always_lock_free);

void kill_running_commands() noexcept {
    for (const std::atomic<int>& group : groups)
        if (const int id = group.load(); id > 1) ::kill(-id, SIGKILL);
}

RunningGroup::RunningGroup(int group) noexcept {
    for (std::size_t i = 0; i < groups.size(); ++i) {
        int free = 0;
        if (groups[i].compare_exchange_strong(free, group)) {
            slot_ = static_cast<int>(i);
            return;
        }
    }
}

RunningGroup::~RunningGroup() {
    if (slot_ >= 0) groups[static_cast<std::size_t>(slot_)].store(0);
}

}  // namespace patchlab::process
