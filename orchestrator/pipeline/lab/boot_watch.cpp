// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/boot_watch.hpp"

#include <signal.h>

#include <algorithm>

namespace patchlab::pipeline {

namespace {

constexpr double rest_window = 120;  ///< seconds
constexpr double rest_share = 0.10;  ///< of one processor
constexpr double most_wall = 1500;   ///< seconds, when nothing else decides

std::string whole(double seconds) { return std::to_string(static_cast<long>(seconds)); }

}  // namespace

std::optional<GivenUp> BootWatch::look(double now, std::optional<double> cpu,
                                       std::string_view console) {
    if (begin_ < 0) begin_ = now;
    if (const auto stopped = console_.look(now, console)) return GivenUp{*stopped, true};
    if (now - begin_ > most_wall) return GivenUp{"no answer for " + whole(now - begin_) + " s"};
    if (!cpu) return std::nullopt;
    if (!first_cpu_) first_cpu_ = *cpu;
    if (*cpu - *first_cpu_ > most_work_)
        return GivenUp{"its emulator worked for " + whole(*cpu - *first_cpu_) +
                       " s of processor time, and the guest does not answer"};
    used_.emplace_back(now, *cpu);
    while (used_.size() > 1 && now - used_[1].first >= rest_window) used_.pop_front();
    const auto& [since, by_then] = used_.front();
    if (now - since >= rest_window && *cpu - by_then < rest_share * (now - since))
        return GivenUp{"its emulator stood still for " + whole(now - since) + " s"};
    return std::nullopt;
}

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
