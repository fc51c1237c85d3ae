// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/plan/schedule.hpp"

#include <algorithm>

namespace patchlab::rollout {

bool Schedule::empty() const {
    return std::all_of(groups_.begin(), groups_.end(),
                       [](const auto& group) { return group.second.empty(); });
}

std::vector<std::int64_t> Schedule::take(TimePoint now, std::size_t at_most) {
    std::vector<std::set<std::int64_t>*> ready;
    for (auto& [window, hosts] : groups_)
        if (!hosts.empty() && open(window, now)) ready.push_back(&hosts);
    std::vector<std::int64_t> taken;
    while (taken.size() < at_most) {
        std::set<std::int64_t>* first = nullptr;
        for (auto* hosts : ready)
            if (!hosts->empty() && (!first || *hosts->begin() < *first->begin())) first = hosts;
        if (!first) break;
        taken.push_back(*first->begin());
        first->erase(first->begin());
    }
    return taken;
}

std::optional<TimePoint> Schedule::next(TimePoint now) const {
    std::optional<TimePoint> soonest;
    for (const auto& [window, hosts] : groups_) {
        if (hosts.empty()) continue;
        const auto start = assessment::next_start(windows_of_(window), now, needed_);
        if (start && (!soonest || *start < *soonest)) soonest = start;
    }
    return soonest;
}

}  // namespace patchlab::rollout
