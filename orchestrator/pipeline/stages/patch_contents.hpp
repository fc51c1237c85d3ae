// SPDX-License-Identifier: Apache-2.0
//
// What the packages of a run's patches hold, old versions and new, as their own archives say it.
// Read when first asked for, and once: a kernel's takes seconds. Thread safety: one object a run,
// any thread.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "orchestrator/pipeline/run/request.hpp"
#include "snapshots/compare.hpp"

namespace patchlab::pipeline {

class PatchContents {
  public:
    /// Error(invalid) or Error(lab) when a package cannot be read.
    const std::vector<snapshots::PatchedPackage>& of(const RunRequest& request);

  private:
    std::mutex reading_;
    std::optional<std::vector<snapshots::PatchedPackage>> packages_;
};

}  // namespace patchlab::pipeline
