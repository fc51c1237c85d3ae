// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/slurm/change_watch.hpp"

namespace patchlab::pipeline {

bool ChangeWatch::changed() {
    std::vector<Look> now;
    for (const std::filesystem::path& file : files_) {
        std::error_code missing;
        Look& look = now.emplace_back();
        look.written = std::filesystem::last_write_time(file, missing);
        if (!missing && std::filesystem::is_regular_file(file, missing))
            look.bytes = std::filesystem::file_size(file, missing);
    }
    if (now == looks_) return false;
    looks_ = std::move(now);
    return true;
}

}  // namespace patchlab::pipeline
