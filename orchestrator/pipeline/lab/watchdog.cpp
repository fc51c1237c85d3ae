// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/watchdog.hpp"

#include <signal.h>

namespace patchlab::pipeline {

void LiveEmulators::Entry::add(int pid) {
    const std::lock_guard lock(all_.mutex_);
    pids_.push_back(pid);
    all_.pids_.push_back(pid);
}

void LiveEmulators::Entry::remove(int pid) {
    const std::lock_guard lock(all_.mutex_);
    std::erase(pids_, pid);
    std::erase(all_.pids_, pid);
}

void LiveEmulators::Entry::clear() {
    const std::lock_guard lock(all_.mutex_);
    for (const int pid : pids_) std::erase(all_.pids_, pid);
    pids_.clear();
}

std::vector<int> LiveEmulators::pids() const {
    const std::lock_guard lock(mutex_);
    return pids_;
}

void LiveEmulators::kill_all() const {
    const std::lock_guard lock(mutex_);
    for (const int pid : pids_) ::kill(pid, SIGKILL);
}

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
