// SPDX-License-Identifier: Apache-2.0
//
// What the comparison of machines asks of a run besides its machines: what the packages of its
// patches hold, old versions and new, as their own archives say it (read when first asked for, and
// once: a kernel's takes seconds), and the rules that explain changes. Thread safety: one object a
// run, any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "orchestrator/families/package_facts.hpp"
#include "orchestrator/pipeline/run/request.hpp"
#include "orchestrator/pipeline/stages/packages.hpp"
#include "snapshots/compare.hpp"

namespace patchlab::pipeline {

class PatchContents {
  public:
    /// What the patches hold for a machine with `installed` before them: a patch may be stored with
    /// the old versions of other releases, and these say nothing about this machine. Error(invalid)
    /// or Error(lab) when a package cannot be read.
    const std::vector<snapshots::PatchedPackage>& of(const RunRequest& request,
                                                     const std::string& machine,
                                                     const InstalledPackages& installed);

  private:
    std::mutex reading_;
    std::map<std::string, families::PackageContents> read_;                   ///< by file
    std::map<std::string, std::vector<snapshots::PatchedPackage>> packages_;  ///< by machine
};

/// Of the packages of a patch those that a machine with `installed` may get, each once: with the
/// old version that the machine holds, or without a file of it where that was not kept.
std::vector<intake::PatchPackage> packages_that_fit(const intake::Patch& patch,
                                                    const InstalledPackages& installed);

/// By which changes of a machine are explained: the rules of its family, then those of the lab.
snapshots::AttributionRules attribution_rules(const RunRequest& request,
                                              const std::string& machine);

/// How a machine's state is captured: with the search paths of these rules.
snapshots::CaptureOptions capture_options(const RunRequest& request, const std::string& machine);

}  // namespace patchlab::pipeline
