// SPDX-License-Identifier: Apache-2.0
//
// BootWatch: whether a machine that is starting can still be expected to come up. Judged by what
// its emulator does, not by the clock on the wall: a host that is busy with other things must not
// make a patch look as if it broke the boot. A machine is given up when its console says that it
// has stopped (ConsoleWatch); when its emulator rested for two minutes (a stopped kernel; systemd
// waits 90 seconds for a device); or when it has worked many times as long as a whole boot takes (a
// kernel that starts over and over, a boot loader that looks for a key). Thread safety: one thread.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "orchestrator/pipeline/lab/console_watch.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

/// Why a machine is not waited for any longer.
struct GivenUp {
    std::string why;
    /// Its console says that it has stopped: no matter of how long somebody waits.
    bool dead = false;
};

class BootWatch {
  public:
    /// `usual`: seconds that this machine's boot took before the patch, measured when the lab was
    /// prepared. A first boot may cost several times as much (a new kernel with a large first RAM
    /// disk, checks of filesystems), and on a busy host each of them more.
    explicit BootWatch(double usual) : most_work_(std::max(240.0, 16 * usual)), console_(usual) {}

    /// Tells what the emulator had used by `now`, both in seconds (`cpu` nullopt: unknown), and the
    /// last of what its console said since the start. Gives why to give up, or nothing.
    std::optional<GivenUp> look(double now, std::optional<double> cpu,
                                std::string_view console = {});

  private:
    double most_work_;
    std::optional<double> first_cpu_;
    double begin_ = -1;
    std::deque<std::pair<double, double>>
        used_;  ///< when, and how much by then: of the last two minutes, and one before
    ConsoleWatch console_;
};

// What keeps an emulator that hangs from holding up a run for ever: a list of the emulators that
// live now, whichever session started them, and a watchdog that acts when a stage does not come
// back. Who waits for an emulator is unblocked by its end.

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
