// SPDX-License-Identifier: Apache-2.0
//
// What the audit trail says was done to a thing last. It reads rows and verifies nothing: whoever
// wants the chain checked asks AuditTrail::verify(). Free functions; one a thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "orchestrator/governance/audit.hpp"

namespace patchlab::governance {

/// Of each subject the newest row with one of these actions; `subject` empty: of all subjects.
std::map<std::string, AuditRow> newest_rows(store::Database& database,
                                            const std::vector<std::string>& actions,
                                            const std::string& subject = {});

}  // namespace patchlab::governance
