// SPDX-License-Identifier: Apache-2.0
//
// BootWatch: whether a machine that is starting can still be expected to come up. Judged by what its emulator does, not by the clock
// on the wall: a host that is busy with other things must not make a patch look as if it broke the boot.
// A machine is given up when its emulator rested for two minutes (a prompt of the boot loader, a stopped kernel) or has
// worked many times as long as a whole boot takes (a kernel that starts over and over).
// Thread safety: one thread.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

class BootWatch {
  public:
    /// `usual`: seconds that this machine's boot took before the patch, measured when the lab was prepared. A first boot may cost several
    /// times as much (a new kernel with a large first RAM disk, checks of filesystems), and on a busy host each of them more.
    explicit BootWatch(double usual) : most_work_(std::max(360.0, 24 * usual)) {}

    /// Tells what the emulator had used by `now`, both in seconds; `cpu` nullopt: unknown. Gives why to give up, or nothing.
    std::optional<std::string> look(double now, std::optional<double> cpu);

  private:
    double most_work_;
    std::optional<double> first_cpu_;
    double begin_ = -1;
    double window_begin_ = 0;
    double window_cpu_ = 0;
};

}  // namespace patchlab::pipeline
