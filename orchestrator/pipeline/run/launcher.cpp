// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/launcher.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/process/detached.hpp"

namespace patchlab::pipeline {

pid_t launch_worker(const fs::path& state, const RunFolder& folder) {
    return process::start_detached(
        {"--state", state.string(), "internal-worker", folder.root().string()},
        folder.root() / "worker.log", "the worker");
}

namespace {

/// Reads what was added to a file since the last call, whole lines only.
class Tail {
  public:
    explicit Tail(fs::path file) : file_(std::move(file)) {}

    void read(const std::function<void(const Json&)>& on_event) {
        const auto all = read_file_if_any(file_);
        if (!all || all->size() <= at_) return;
        for (std::size_t end; (end = all->find('\n', at_)) != std::string::npos; at_ = end + 1)
            on_event(parse_json(std::string_view(*all).substr(at_, end - at_), "events", 1U << 20));
    }

  private:
    fs::path file_;
    std::size_t at_ = 0;
};

bool is_over(const RunFolder& folder) { return is_over(folder.load().progress); }

}  // namespace

RunState follow(const RunFolder& folder, pid_t worker,
                const std::function<void(const Json&)>& on_event,
                const std::function<bool()>& interrupted) {
    const UniqueFd notify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (notify)
        ::inotify_add_watch(notify.get(), folder.root().c_str(),
                            IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE);
    const UniqueFd end(worker > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, worker, 0))
                                  : -1);  // readable when it has ended
    Tail tail(folder.events());
    bool seen_alive = worker != 0;
    for (;;) {
        bool gone = false;
        if (worker > 0) gone = ::waitpid(worker, nullptr, WNOHANG) == worker;
        else if (folder.worker_alive()) seen_alive = true;
        else gone = seen_alive || !is_over(folder);
        const bool over = gone || (worker <= 0 && is_over(folder) && !folder.worker_alive());
        tail.read(on_event);
        if (over || interrupted()) break;
        std::array<pollfd, 2> wait{{{notify.get(), POLLIN, 0}, {end.get(), POLLIN, 0}}};
        ::poll(wait.data(), wait.size(), 250);  // the time-out is for the end of a worker that is
                                                // not our child, which no file announces
        char events[4096];
        while (notify && ::read(notify.get(), events, sizeof events) > 0) {
        }
    }
    tail.read(on_event);
    return folder.load();
}

void cancel(const RunFolder& folder, const Clock& clock) {
    if (is_over(folder))
        throw Error(ErrorCode::conflict, "run " + folder.id() + " is over already");
    write_file_atomic(folder.cancel_mark(), to_rfc3339(clock.now()) + "\n");
    const auto pid = read_file_if_any(folder.root() / "worker.pid");
    if (pid && folder.worker_alive()) ::kill(std::atoi(pid->c_str()), SIGKILL);
    const FileLock lock = FileLock::acquire(folder.lock());  // the worker is gone when we have it
    RunState state = folder.load();
    state.progress = RunProgress::cancelled;
    state.finished = to_rfc3339(clock.now());
    folder.save(state);
    remove_tree(folder.work());
}

}  // namespace patchlab::pipeline
