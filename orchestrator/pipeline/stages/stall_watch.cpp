// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/stall_watch.hpp"

namespace patchlab::pipeline {

namespace {

using families::InstallActivity;

/// Of one processor. A package manager that waits for a script looks around several times a second,
/// which costs 1 % under emulation (measured).
constexpr double idle_share = 0.03;
constexpr std::uint64_t idle_bytes = 64U << 10;
/// The rest of the machine: what a script may wait for (a service that starts, a filesystem that is
/// written out), and more than services use that have nothing to do.
constexpr double others_share = 0.25;
constexpr double sectors_per_second = 140;  // 70 KiB
constexpr std::size_t least_looks = 4;

/// Signs that need no span of time.
bool moved_on(const InstallActivity& before, const InstallActivity& now) {
    return now.awake > 0 || now.log != before.log || now.uptime < before.uptime ||
           now.processor < before.processor;
}

bool worked(const InstallActivity& since, const InstallActivity& now) {
    const double span = now.uptime - since.uptime;
    const auto moved = now.moved > since.moved ? now.moved - since.moved : since.moved - now.moved;
    return now.processor - since.processor > idle_share * span || moved > idle_bytes ||
           now.others - since.others > others_share * span ||
           static_cast<double>(now.sectors - since.sectors) > sectors_per_second * span;
}

}  // namespace

std::optional<double> StallWatch::look(const std::optional<InstallActivity>& now) {
    if (!now || (!seen_.empty() && moved_on(seen_.back(), *now))) seen_.clear();
    if (!now) return std::nullopt;
    seen_.push_back(*now);
    while (seen_.size() > least_looks && now->uptime - seen_.front().uptime >= limit_) {
        const InstallActivity& since = seen_.front();
        if (!worked(since, *now)) return now->uptime - since.uptime;
        seen_.pop_front();
    }
    return std::nullopt;
}

}  // namespace patchlab::pipeline
