// SPDX-License-Identifier: Apache-2.0
//
// Which hosts of a ring may start now. Hosts with the same window of their own are one group, so
// that the zones' rules are asked once a group and not once a host. Memory: some tens of bytes a
// host. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/assessment/window.hpp"

namespace patchlab::rollout {

class Schedule {
  public:
    /// `windows_of`: those that must be open for a host with this window of its own. `needed`: for
    /// so long.
    Schedule(std::function<std::vector<const assessment::Window*>(const std::string& host_window)>
                 windows_of,
             Seconds needed)
        : windows_of_(std::move(windows_of)), needed_(needed) {}

    void add(std::int64_t host, const std::string& window) { groups_[window].insert(host); }
    bool empty() const;
    /// Takes out at most so many whose windows are open long enough, in the order of the plan.
    std::vector<std::int64_t> take(TimePoint now, std::size_t at_most);
    /// When the next host may start; nullopt when there is none, or no window ever opens long
    /// enough.
    std::optional<TimePoint> next(TimePoint now) const;
    /// Whether a host with this window may start now.
    bool open(const std::string& window, TimePoint now) const {
        return assessment::next_start(windows_of_(window), now, needed_) == now;
    }

  private:
    std::function<std::vector<const assessment::Window*>(const std::string&)> windows_of_;
    Seconds needed_;
    std::map<std::string, std::set<std::int64_t>> groups_;
};

}  // namespace patchlab::rollout
