// SPDX-License-Identifier: Apache-2.0
//
// What a run needs besides its request, as files that are named by their content: the images of its
// machines and its patches. The head lists them with sizes and digests; a node fetches what it does
// not have. Paths are relative to a state folder and the same on every host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orchestrator/pipeline/run/request.hpp"
#include "platform/core/files.hpp"

namespace patchlab::nodes {

struct MaterialFile {
    std::string path;  ///< below the state folder: "images/<sha256>.qcow2"
    std::uint64_t bytes = 0;
    std::string sha256;
};

struct Material {
    std::string kind;                 ///< "image" or "patch"
    std::string name;                 ///< for people
    std::string digest;               ///< of an image: of its file; of a patch: of its packages
    std::vector<MaterialFile> files;  ///< the one that makes it complete comes last

    std::uint64_t bytes() const;
    /// "image-<sha256>": as a file name
    std::string key() const { return kind + "-" + digest; }
};

/// What the request names and where this state has it. Error(not_found) for what is not here;
/// Error(lab) when a file cannot be read.
std::vector<Material> materials_of(pipeline::RunRequest request, const fs::path& state);

Json to_json(const std::vector<Material>& materials);
/// Checks every path, size and digest: nothing of it leads out of the folders of images and
/// patches. Error(invalid).
std::vector<Material> materials_from_json(const Json& json);

}  // namespace patchlab::nodes
