// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/watchdog.hpp"

namespace patchlab::pipeline {

Watchdog::Watchdog(Seconds after, std::function<void()> on_expiry)
    : thread_([this, after, act = std::move(on_expiry)] {
          std::unique_lock lock(mutex_);
          if (!wake_.wait_for(lock, after, [this] { return over_; })) act();
      }) {}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

}  // namespace patchlab::pipeline
