// SPDX-License-Identifier: Apache-2.0
//
// What each lab host has in its cache, as it said last: a run goes rather where its image and its
// prepared lab are. It is a hint: nothing breaks when it is old or wrong, and what a node says of
// itself decides nothing else. On disk: node-contents/<node>.json (schema
// patchlab/node-contents/v1), replaced as a whole. Thread safety: any number of processes.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/pipeline/run/request.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::nodes {

struct NodeContents {
    std::string node;
    std::string emulator;           ///< what its prepared labs depend on
    std::vector<std::string> keys;  ///< "image-<sha256>", "prepared-<sha256>"
};

/// What a node reports. Error(invalid) when it is malformed or too much.
NodeContents contents_from_json(const std::string& node, const Json& json);

void note_contents(const fs::path& state, const NodeContents& contents);
void forget_contents(const fs::path& state, const std::string& node);

/// The nodes that have the run's prepared lab and images; where there is none, those that have the
/// images. By name.
std::vector<std::string> nodes_with_contents_of(const fs::path& state,
                                                const pipeline::RunRequest& request);

}  // namespace patchlab::nodes
