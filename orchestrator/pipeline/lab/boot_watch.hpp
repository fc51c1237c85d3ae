// SPDX-License-Identifier: Apache-2.0
//
// BootWatch: whether a machine that is starting can still be expected to come up. Judged by what
// its emulator does, not by the clock on the wall: a host that is busy with other things must not
// make a patch look as if it broke the boot. A machine is given up when its console says that it
// waits for a person and then nothing more; when its emulator rested for two minutes (a stopped
// kernel; systemd waits 90 seconds for a device); or when it has worked many times as long as a
// whole boot takes (a kernel that starts over and over, a boot loader that looks for a key). Thread
// safety: one thread.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

/// What the end of a console's text says when the system has stopped to wait for a person ("You are
/// in emergency mode"); empty: nothing of the kind. The console is the guest's: it can condemn the
/// guest by what it says, and nothing else.
std::string_view prompt_in(std::string_view console);

class BootWatch {
  public:
    /// `usual`: seconds that this machine's boot took before the patch, measured when the lab was
    /// prepared. A first boot may cost several times as much (a new kernel with a large first RAM
    /// disk, checks of filesystems), and on a busy host each of them more.
    explicit BootWatch(double usual) : most_work_(std::max(240.0, 16 * usual)) {}

    /// Tells what the emulator had used by `now`, both in seconds (`cpu` nullopt: unknown), and the
    /// last of what its console said since the start. Gives why to give up, or nothing.
    std::optional<std::string> look(double now, std::optional<double> cpu,
                                    std::string_view console = {});

  private:
    double most_work_;
    std::optional<double> first_cpu_;
    double begin_ = -1;
    std::deque<std::pair<double, double>>
        used_;  ///< when, and how much by then: of the last two minutes, and one before
    std::string said_;
    double silent_since_ = 0;
};

}  // namespace patchlab::pipeline
