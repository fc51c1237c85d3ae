// SPDX-License-Identifier: Apache-2.0
//
// One request for several labs: a campaign in each lab whose machines need some of the patches, and
// a verdict for each patch over all of them.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

/// `lab` and `labs` of the request, each once.
std::vector<std::string> labs_of(const JsonReader& request);

/// What is to be judged in one lab.
struct LabShare {
    std::string lab;
    std::vector<std::string> patches;
};

/// Records a campaign for each share and drives one after the other (schema
/// patchlab/joint-campaign/v1). A patch is judged in each lab that has one of its packages
/// installed, and in all of them where none has. Error(usage) when nothing is left to judge.
Outcome start_in_labs(Call& call, const JsonReader& request, const std::vector<LabShare>& asked);

}  // namespace patchlab::operations
