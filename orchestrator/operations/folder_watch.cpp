// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/folder_watch.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "platform/core/error.hpp"

namespace patchlab::operations {

FolderWatch::FolderWatch() : changes_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (!changes_)
        throw Error(ErrorCode::lab, "nothing can be watched: too many programs watch files already",
                    "raise fs.inotify.max_user_instances");
}

void FolderWatch::add(const std::filesystem::path& folder, const std::string& prefix) {
    if (folders_.contains(folder)) return;
    const int watch = ::inotify_add_watch(changes_.get(), folder.c_str(),
                                          IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE);
    if (watch < 0) return;
    folders_[folder] = watch;
    prefixes_[watch] = prefix;
}

void FolderWatch::remove(const std::filesystem::path& folder) {
    const auto known = folders_.find(folder);
    if (known == folders_.end()) return;
    ::inotify_rm_watch(changes_.get(), known->second);
    prefixes_.erase(known->second);
    folders_.erase(known);
}

bool FolderWatch::read_changes() {
    alignas(inotify_event) std::array<char, 16384> buffer{};
    bool meant = false;
    for (;;) {
        const ssize_t count = ::read(changes_.get(), buffer.data(), buffer.size());
        if (count <= 0) return meant;
        for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const std::string name = event.len == 0 ? "" : buffer.data() + at + sizeof event;
            const auto prefix = prefixes_.find(event.wd);
            const bool overflow = (event.mask & IN_Q_OVERFLOW) != 0;
            meant = meant || overflow ||
                    (prefix != prefixes_.end() && name.starts_with(prefix->second));
            at += sizeof event + event.len;
        }
    }
}

bool FolderWatch::wait(Seconds most) {
    const Deadline deadline(most);
    for (;;) {
        if (read_changes()) return true;
        if (deadline.passed()) return false;
        pollfd wait{changes_.get(), POLLIN, 0};
        ::poll(&wait, 1, static_cast<int>(deadline.left().count()));
    }
}

}  // namespace patchlab::operations
