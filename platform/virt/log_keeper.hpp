// SPDX-License-Identifier: Apache-2.0
//
// Keeps the console logs of running machines from filling the disk, once a second on libvirt's
// event loop. Private to this folder. Ownership: the list is shared with the event loop, which may
// still be at it when this object goes. Thread safety: full.
#pragma once

#include <filesystem>
#include <memory>

namespace patchlab::virt {

class LogKeeper {
  public:
    /// libvirt's event loop must be registered.
    LogKeeper();
    ~LogKeeper();
    LogKeeper(const LogKeeper&) = delete;
    LogKeeper& operator=(const LogKeeper&) = delete;

    void add(const std::filesystem::path& log);
    void remove(const std::filesystem::path& log);

    struct Logs;

  private:
    std::shared_ptr<Logs> logs_;
    int timer_ = -1;
};

}  // namespace patchlab::virt
