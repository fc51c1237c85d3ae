// SPDX-License-Identifier: Apache-2.0
//
// Troubles of a patched machine that it had unpatched, too, in some other run: they are the
// machine's own, and no reasons. How often it had them decides: what it shows once in twenty starts
// by itself does not excuse a patch with which it shows it each time. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/pipeline/verdict/findings.hpp"
#include "orchestrator/pipeline/verdict/reason.hpp"

namespace patchlab::pipeline {

struct OwnTrouble {
    std::string machine;
    std::string subject;
    std::string detail;
    std::string seen;  ///< on unpatched machines: how often, and when last
};

/// Takes those out of the reasons, of this machine, that are its own. What may not be its own, but
/// was seen on it unpatched, says so in its detail.
std::vector<OwnTrouble> take_out_own(std::vector<Reason>& reasons, const MachineFindings& found);

}  // namespace patchlab::pipeline
