// SPDX-License-Identifier: Apache-2.0
//
// Whether a run that has ended waits for nothing but people, and what they are told then. Pure.
#pragma once

#include <optional>

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/notify/notice.hpp"
#include "reports/run_document.hpp"

namespace patchlab::notify {

/// nullopt when the run is through, or when something else than an approval is missing.
std::optional<Notice> approval_wanted(const governance::Decision& decision,
                                      const reports::RunDocument& run);

}  // namespace patchlab::notify
