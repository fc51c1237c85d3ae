// SPDX-License-Identifier: Apache-2.0
//
// What a publish puts into a snapshot; internal to the publisher.
#pragma once

#include <map>
#include <set>

#include "orchestrator/catalog/publisher.hpp"

namespace patchlab::catalog {

/// What a snapshot is made of, verified.
struct Publisher::Content {
    std::vector<SnapshotEntry> entries;
    Composition composition;
    std::map<std::string, fs::path>
        files;  ///< sha256 → a file of a live entry, or an old version of one that was taken back
    std::map<std::string, std::set<std::string>, std::less<>>
        architectures;  ///< of the packages, by family; without those that fit every machine
};

}  // namespace patchlab::catalog
