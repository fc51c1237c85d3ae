// SPDX-License-Identifier: Apache-2.0
//
// Evidence: a folder that a run leaves behind. manifest.json lists every file with its size and
// sha256; sealing it makes the folder read-only; nothing may be added, removed or changed
// afterwards without verify() finding it.
//   evidence/run.json            the run (schema patchlab/run/v1), as `run show --json` prints it
//   evidence/captures/M-before.json, M-after.json, M-control-N.json
//   evidence/files/M.json        file changes of the overlay
//   evidence/logs/…              install log, console, journal
//   evidence/drill.json, packages.json, lab.yaml, suites/…
//   evidence/manifest.json       schema patchlab/evidence/v1
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace patchlab::reports {

struct SealedEvidence {
    std::string digest;  ///< sha256 of manifest.json
    std::size_t files = 0;
};

/// Writes manifest.json over all files below `folder`, makes everything read-only and durable.
/// Refuses (conflict) a sealed folder, symlinks and special files.
SealedEvidence seal(const std::filesystem::path& folder);

struct EvidenceProblem {
    std::string file;
    std::string what;  ///< "changed", "missing", "not in the manifest", …
};

struct EvidenceVerification {
    std::string digest;
    std::size_t files = 0;
    std::vector<EvidenceProblem> problems;  ///< empty: intact
    bool ok() const { return problems.empty(); }
};

/// Checks a sealed folder offline. Error(not_found) when there is no manifest, Error(invalid) when
/// it is not one.
EvidenceVerification verify(const std::filesystem::path& folder);

}  // namespace patchlab::reports
