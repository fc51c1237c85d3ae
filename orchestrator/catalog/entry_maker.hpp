// SPDX-License-Identifier: Apache-2.0
//
// Makes the folder of an entry: the evidence and the rulings over it, the packages that the run
// tested and the exact old ones, each checked against the evidence as it is taken, signed as a
// whole. Nothing else may write one. Thread safety: free functions; one folder a call.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/catalog/entry.hpp"
#include "orchestrator/catalog/object_store.hpp"
#include "orchestrator/catalog/verify.hpp"
#include "orchestrator/governance/approved_run.hpp"
#include "orchestrator/intake/patch.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::catalog {

struct EntrySources {
    std::filesystem::path evidence;                ///< the run's sealed evidence
    governance::ApprovedRun approved;              ///< that governance lets it through
    std::vector<intake::Patch> patches;            ///< of the run, with their folders
    std::vector<std::filesystem::path> old_files;  ///< further exact old packages
};

/// Fills the empty folder `out`, signs it and verifies it as anybody else would. Error(refused)
/// naming what is not what the evidence tested or what was approved; Error(invalid) for an old file
/// that is no old version of a package of the run.
Entry make_entry(const EntrySources& sources, const std::string& id, TimePoint now,
                 const ObjectStore& objects, const SecretKey& key, const Trust& trust,
                 const std::filesystem::path& out);

}  // namespace patchlab::catalog
