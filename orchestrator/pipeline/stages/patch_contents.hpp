// SPDX-License-Identifier: Apache-2.0
//
// What the comparison of machines asks of a run besides its machines: what the packages of its
// patches hold, old versions and new, as their own archives say it (read when first asked for, and
// once: a kernel's takes seconds), and the rules that explain changes. Thread safety: one object a
// run, any thread.
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

/// By which changes of a machine are explained: the rules of its family, then those of the lab.
snapshots::AttributionRules attribution_rules(const RunRequest& request,
                                              const std::string& machine);

/// How a machine's state is captured: with the search paths of these rules.
snapshots::CaptureOptions capture_options(const RunRequest& request, const std::string& machine);

}  // namespace patchlab::pipeline
