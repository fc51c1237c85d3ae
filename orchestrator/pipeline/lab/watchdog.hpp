// SPDX-License-Identifier: Apache-2.0
//
// What keeps an emulator that hangs from holding up a run for ever: a list of the emulators that
// live now, whichever session started them, and a watchdog that acts when a stage does not come
// back. Who waits for an emulator is unblocked by its end.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

/// The emulators of all sessions of one worker. Thread safety: any thread.
class LiveEmulators {
  public:
    /// What one session has started, for as long as it lives. One thread at a time.
    class Entry {
      public:
        explicit Entry(LiveEmulators& all) : all_(all) {}
        ~Entry() { clear(); }
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

        void add(int pid);
        void remove(int pid);
        void clear();
        const std::vector<int>& pids() const { return pids_; }

      private:
        LiveEmulators& all_;
        std::vector<int> pids_;
    };

    std::vector<int> pids() const;
    /// Ends them all. Those that a session took out are not touched: their numbers may be others'
    /// by now.
    void kill_all() const;

  private:
    mutable std::mutex mutex_;
    std::vector<int> pids_;
};

/// Does something unless it is destroyed before its time. Thread safety: `on_expiry` runs in a
/// thread of the watchdog's own, and may only touch what bears that.
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
