// SPDX-License-Identifier: Apache-2.0
//
// Where published heads of the audit trail go besides the folder that web servers show: syslog, or
// a program that an administrator named. Kept in <state>/audit/witness.json (0600). Thread safety:
// one a thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/governance/audit_head.hpp"
#include "platform/process/command.hpp"

namespace patchlab::operations {

struct AuditWitness {
    bool syslog = false;
    std::vector<std::string> command;  ///< gets the signed head on its standard input
};

/// Nobody, when none was named.
AuditWitness read_witness(const std::filesystem::path& state);
void write_witness(const std::filesystem::path& state, const AuditWitness& witness);

/// Hands the head on. Error(lab) when the program fails.
void tell_witness(const std::filesystem::path& state, process::CommandRunner& commands,
                  const governance::AuditHead& head);

}  // namespace patchlab::operations
