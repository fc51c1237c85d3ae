// SPDX-License-Identifier: Apache-2.0
//
// From names to a complete request: the lab as it was added, the images it stands on, the patches,
// and the checks that must hold before anything is started. Everything that is wrong is said here,
// and nothing has begun.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/pipeline/lab/backend.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "orchestrator/pipeline/run/request.hpp"

namespace patchlab::pipeline {

struct RunPlan {
    RunRequest request;  ///< without id
    std::vector<SuiteText> suites;
};

/// The lab with its images. Error(not_found) for a missing image with the command that makes one;
/// Error(invalid) when the host lacks what the lab asks for (an isolated network, an image without
/// guest agent).
RunPlan plan_lab(const StoredLab& lab, images::ImageStore& images, const Backend& backend,
                 const std::vector<std::string>& extra_suites);

/// Adds the patches. Error(invalid) when one of them has nothing to do on any machine of the lab:
/// not installed there and of another architecture, at that version already, or older than what is
/// there (unless `allow_downgrade`).
void plan_patches(RunPlan& plan, const std::vector<intake::Patch>& patches,
                  images::ImageStore& images, bool allow_downgrade);

}  // namespace patchlab::pipeline
