// SPDX-License-Identifier: Apache-2.0
//
// Suites that are worth running because of what a patch changes: those of whatever depends on it in
// the images of a lab. Thread safety: one a thread.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"

namespace patchlab::operations {

struct DependentSuite {
    std::string suite;
    std::string why;  ///< "redis-server on machine 'web' depends on libssl3"
};

/// Of the suites of the lab and those that ship, each once: no machine of the lab has it already,
/// each machine has a package that it covers, and one of these depends on a package of the patches
/// or is one. `left_out`: those that only some machines could run, with the reason.
std::vector<DependentSuite> suites_of_dependents(const pipeline::StoredLab& lab,
                                                 images::ImageStore& images,
                                                 const std::vector<intake::Patch>& patches,
                                                 std::vector<DependentSuite>& left_out);

}  // namespace patchlab::operations
