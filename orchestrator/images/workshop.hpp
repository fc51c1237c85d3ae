// SPDX-License-Identifier: Apache-2.0
//
// Where an image is made: a folder below the state's tmp/, locked while somebody works in it, and a
// cell, so that a crash leaves neither a process nor a mount, only the folder (tmp/image-XXXXXX,
// with image-XXXXXX.lock beside it), which the reaper and the next workshop remove. Ownership: owns
// folder and lock. Thread safety: one thread; the process must be single-threaded when run() is
// called.
#pragma once

#include <filesystem>
#include <functional>

#include "orchestrator/images/builder.hpp"
#include "orchestrator/images/image.hpp"
#include "platform/core/files.hpp"

namespace patchlab::images {

class Workshop {
  public:
    /// `state` is the state folder. Removes the workshops that crashes left there.
    explicit Workshop(const std::filesystem::path& state);
    ~Workshop();
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;

    const BuildFolder& folder() const { return folder_; }

    /// Runs `work(short_root)` in a cell; an Error it throws is thrown here. `short_root`: a folder
    /// for sockets that goes with the cell.
    void run(const std::function<void(const std::filesystem::path& short_root)>& work);

    /// Hands what the work left to the store.
    Image deliver(ImageStore& store, bool replace);

  private:
    TempFolder temporary_;
    FileLock lock_;
    BuildFolder folder_;
};

}  // namespace patchlab::images
