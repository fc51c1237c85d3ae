// SPDX-License-Identifier: Apache-2.0
//
// What a run's request names by its content, found on this host: images by the sha256 of their
// file, patches by the digest of their packages. A request says nothing of places, so a run's
// folder can be worked on any host that has the same contents, wherever its state folder is.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/pipeline/run/request.hpp"

namespace patchlab::pipeline {

struct MissingMaterial {
    std::string kind;  ///< "image" or "patch"
    std::string name;  ///< for people
    std::string digest;
};

/// Fills in the places below `state`: of the state folder itself, of each image and of each patch;
/// a patch may have another id here. Gives what is not here.
std::vector<MissingMaterial> find_materials(RunRequest& request,
                                            const std::filesystem::path& state);

/// "patch nginx_1.2 (sha256 0123456789ab…)", and so on.
std::string describe(const std::vector<MissingMaterial>& missing);

}  // namespace patchlab::pipeline
