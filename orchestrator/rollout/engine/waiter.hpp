// SPDX-License-Identifier: Apache-2.0
//
// How a rollout waits for a window, a soak time or a host: the port through which tests and
// simulations let time pass. ControlWaiter waits on a file that whoever asks something of the
// rollout touches. Thread safety: one a thread.
#pragma once

#include <filesystem>

#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"

namespace patchlab::rollout {

class Waiter {
  public:
    virtual ~Waiter() = default;
    /// Returns at `time` by the rollout's clock, or earlier; whoever calls looks again.
    virtual void wait_until(TimePoint time) = 0;
};

class ControlWaiter final : public Waiter {
  public:
    /// `file`: the control file; it need not exist, its folder must.
    ControlWaiter(const std::filesystem::path& file, const Clock& clock);
    void wait_until(TimePoint time) override;
    /// Wakes whoever waits on this file.
    static void touch(const std::filesystem::path& file);

  private:
    const Clock& clock_;
    UniqueFd notify_;
};

/// A clock that jumps to whatever is waited for: a simulated rollout takes no longer than its work.
class JumpingClock final : public Clock, public Waiter {
  public:
    explicit JumpingClock(TimePoint start) : now_(start) {}
    TimePoint now() const override { return now_; }
    void wait_until(TimePoint time) override {
        if (time > now_) now_ = time;
    }
    void pass(Seconds by) { now_ += std::chrono::duration_cast<TimePoint::duration>(by); }

  private:
    TimePoint now_;
};

}  // namespace patchlab::rollout
