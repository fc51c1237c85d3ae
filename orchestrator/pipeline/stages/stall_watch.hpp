// SPDX-License-Identifier: Apache-2.0
//
// StallWatch: whether an installation stands still. It does when for a while it used neither
// processor nor disk and added nothing to its log, and nothing else in the guest worked for it. The
// guest's own counters are compared over the guest's own time, so a host that gives a guest little
// time, or stops it, does not make an installation look as if it stood still. What is not known
// (the guest does not tell) is no standstill: the deadline of the installation remains. Pure apart
// from what it remembers; one thread.
#pragma once

#include <deque>
#include <optional>

#include "orchestrator/families/guest_installer.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

class StallWatch {
  public:
    /// `limit`: so long nothing must move.
    explicit StallWatch(Seconds limit) : limit_(limit.count()) {}

    /// How often look() should be asked.
    Seconds interval() const { return Seconds(limit_ / 8); }
    /// Takes what was used by now; nullopt when the guest does not tell. Gives for how many seconds
    /// the installation has stood still, when that is the limit or longer.
    std::optional<double> look(const std::optional<families::InstallActivity>& now);

  private:
    double limit_;
    std::deque<families::InstallActivity> seen_;
};

}  // namespace patchlab::pipeline
