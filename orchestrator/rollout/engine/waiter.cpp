// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/engine/waiter.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>

namespace patchlab::rollout {

namespace {

/// The wall clock may be set, and a file may be touched before the watch stood: so nobody sleeps
/// for longer than that.
constexpr auto longest_wait = std::chrono::milliseconds(30'000);

}  // namespace

ControlWaiter::ControlWaiter(const fs::path& file, const Clock& clock)
    : clock_(clock), notify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (notify_)
        ::inotify_add_watch(notify_.get(), file.parent_path().c_str(),
                            IN_MOVED_TO | IN_CLOSE_WRITE);
}

void ControlWaiter::wait_until(TimePoint time) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - clock_.now());
    if (left.count() <= 0) return;
    pollfd wait{notify_.get(), POLLIN, 0};
    ::poll(&wait, 1, static_cast<int>(std::min(left, longest_wait).count()));
    char events[4096];
    while (notify_ && ::read(notify_.get(), events, sizeof events) > 0) {
    }
}

void ControlWaiter::touch(const fs::path& file) { write_file_atomic(file, "", 0600); }

}  // namespace patchlab::rollout
