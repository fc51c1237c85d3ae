// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/local_queue.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "orchestrator/pipeline/run/lease.hpp"
#include "platform/core/error.hpp"
#include "platform/process/detached.hpp"

namespace patchlab::pipeline {

namespace {

/// Tells when something in a run's folder changes, or its worker ends.
class Watch {
  public:
    explicit Watch(const RunFolder& run)
        : run_(run), changes_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
        if (changes_)
            ::inotify_add_watch(changes_.get(), run.root().c_str(),
                                IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE);
    }

    /// Returns at the latest after a quarter of a second.
    void wait() {
        if (!worker_)
            if (const auto lease = read_lease(run_); lease && !lease->released)
                worker_ = process::open_process(lease->holder);
        std::array<pollfd, 2> wait{{{changes_.get(), POLLIN, 0}, {worker_.get(), POLLIN, 0}}};
        ::poll(wait.data(), wait.size(), 250);
        if (wait[1].revents != 0) worker_.reset();  // the next one, if there is one, is another's
        std::array<char, 4096> events{};
        while (changes_ && ::read(changes_.get(), events.data(), events.size()) > 0) {
        }
    }

  private:
    RunFolder run_;
    UniqueFd changes_;
    UniqueFd worker_;
};

}  // namespace

LocalQueue::Arguments worker_arguments(const fs::path& state) {
    return [state](const RunFolder& run) {
        return std::vector<std::string>{"--state", state.string(), "internal-worker",
                                        run.root().string()};
    };
}

void LocalQueue::submit(const RunFolder& run) {
    if (alive(run) != Presence::gone)
        throw Error(ErrorCode::conflict, "run " + run.id() + " is under way",
                    "follow it: patchlab run log -f " + run.id());
    const int before = newest_attempt(run);
    {
        const std::lock_guard lock(mutex_);
        children_[run.root()] =
            process::start_detached(arguments_(run), run.root() / "worker.log", "the worker");
    }
    // whoever is told that it is worked may follow it at once
    while (newest_attempt(run) == before) {
        if (reap(run.root()) && newest_attempt(run) == before)
            throw Error(ErrorCode::lab, "the worker of run " + run.id() + " ended at once",
                        "see " + (run.root() / "worker.log").string());
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

Presence LocalQueue::alive(const RunFolder& run) {
    return has_worker(run, clock_.now()) ? Presence::working : Presence::gone;
}

/// True when a child of ours that worked the run has ended, and is waited for.
bool LocalQueue::reap(const fs::path& run) {
    const std::lock_guard lock(mutex_);
    const auto child = children_.find(run);
    if (child == children_.end()) return true;
    if (::waitpid(child->second, nullptr, WNOHANG) == 0) return false;
    children_.erase(child);
    return true;
}

/// A child of ours has ended when its process has: it may still tell people of the verdict when it
/// has given the lease back.
bool LocalQueue::has_ended(const RunFolder& run) {
    return reap(run.root()) && alive(run) == Presence::gone;
}

RunState LocalQueue::follow(const RunFolder& run, const OnEvent& on_event,
                            const std::function<bool()>& interrupted) {
    Watch watch(run);
    EventTail tail(run);
    for (;;) {
        const bool ended = has_ended(run);
        tail.read(on_event);
        if (ended || interrupted()) return run.load();
        watch.wait();
    }
}

void LocalQueue::cancel(const RunFolder& run) {
    if (is_over(run.load().progress))
        throw Error(ErrorCode::conflict, "run " + run.id() + " is over already");
    // one that begins at this moment finds it before its first stage
    write_file_atomic(run.cancel_mark(), to_rfc3339(clock_.now()) + "\n");
    const auto lease = read_lease(run);
    if (lease && is_alive(*lease, run, clock_.now()) &&
        !process::signal_process(lease->holder, SIGKILL) &&
        lease->holder.host != process::this_process().host)
        throw Error(ErrorCode::conflict,
                    "run " + run.id() + " is worked on host " + lease->holder.host,
                    "its worker ends before its next stage; cancel it there to end it at once");
    const FileLock lock = FileLock::acquire(run.lock());  // the worker is gone when we have it
    leave_cancelled(run, clock_);
}

}  // namespace patchlab::pipeline
