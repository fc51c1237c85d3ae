// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/log_keeper.hpp"

#include <libvirt/libvirt.h>

#include <mutex>
#include <set>

#include "platform/virt/machine_files.hpp"

namespace patchlab::virt {

struct LogKeeper::Logs {
    std::mutex mutex;
    std::set<std::filesystem::path> paths;
};

namespace {

using LogsPtr = std::shared_ptr<LogKeeper::Logs>;

void look(int, void* shared) {
    LogKeeper::Logs& logs = **static_cast<LogsPtr*>(shared);
    const std::lock_guard lock(logs.mutex);
    for (const auto& path : logs.paths) limit_log(path);
}

void release_logs(void* shared) { delete static_cast<LogsPtr*>(shared); }

}  // namespace

LogKeeper::LogKeeper()
    : logs_(std::make_shared<Logs>()),
      timer_(virEventAddTimeout(1000, &look, new LogsPtr(logs_), &release_logs)) {}

LogKeeper::~LogKeeper() { virEventRemoveTimeout(timer_); }

void LogKeeper::add(const std::filesystem::path& log) {
    const std::lock_guard lock(logs_->mutex);
    logs_->paths.insert(log);
}

void LogKeeper::remove(const std::filesystem::path& log) {
    const std::lock_guard lock(logs_->mutex);
    logs_->paths.erase(log);
}

}  // namespace patchlab::virt
