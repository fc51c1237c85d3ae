// SPDX-License-Identifier: Apache-2.0
//
// What a lab's definition names and this installation does not have: images, packages.
#pragma once

#include "orchestrator/images/image.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "platform/core/diagnostics.hpp"

namespace patchlab::operations {

/// Adds a mistake for each machine whose image is not there, and for each package that one of the
/// lab's own suites expects and the image of its machine has not, with file, line and path.
void check_against_images(const pipeline::StoredLab& lab, const std::filesystem::path& file,
                          images::ImageStore store, Diagnostics& mistakes);

}  // namespace patchlab::operations
