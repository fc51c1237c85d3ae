// SPDX-License-Identifier: Apache-2.0
//
// Watchdog: does something unless it is destroyed before its time. Guards a stage against a call
// that never returns. Thread safety: `on_expiry` runs in a thread of the watchdog's own.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

class Watchdog {
  public:
    Watchdog(Seconds after, std::function<void()> on_expiry);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

  private:
    std::mutex mutex_;
    std::condition_variable wake_;
    bool over_ = false;
    std::thread thread_;
};

}  // namespace patchlab::pipeline
