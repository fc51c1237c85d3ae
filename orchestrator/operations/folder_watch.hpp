// SPDX-License-Identifier: Apache-2.0
//
// Waits until something in a few folders changes (inotify), so that nobody has to ask again and
// again. Thread safety: one a thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

class FolderWatch {
  public:
    FolderWatch();
    /// Files that are written or made in it, whose names begin with `prefix`. What is not there
    /// is passed over; a folder twice is one.
    void add(const std::filesystem::path& folder, const std::string& prefix = {});
    void remove(const std::filesystem::path& folder);
    /// True when something changed since the last call; false after `most`.
    bool wait(Seconds most);

  private:
    bool read_changes();

    UniqueFd changes_;
    std::map<std::filesystem::path, int> folders_;
    std::map<int, std::string> prefixes_;
};

}  // namespace patchlab::operations
