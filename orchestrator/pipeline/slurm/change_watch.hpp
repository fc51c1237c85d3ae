// SPDX-License-Identifier: Apache-2.0
//
// Tells when files change, by looking at them: cheap for a few files, and without the limit that
// the kernel has for watches, which hundreds of followers would meet. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <vector>

namespace patchlab::pipeline {

class ChangeWatch {
  public:
    explicit ChangeWatch(std::vector<std::filesystem::path> files) : files_(std::move(files)) {}
    /// Whether one of them did since the last call; true the first time.
    bool changed();

  private:
    struct Look {
        std::filesystem::file_time_type written;
        std::uintmax_t bytes = 0;
        bool operator==(const Look&) const = default;
    };
    std::vector<std::filesystem::path> files_;
    std::vector<Look> looks_;
};

}  // namespace patchlab::pipeline
