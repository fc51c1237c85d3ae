// SPDX-License-Identifier: Apache-2.0
//
// What guests of a service (Session::has_guest()) may not bring in: whatever later runs a program,
// or opens a file, on this host with the rights of the service. Whoever owns the state may, for
// they could do it by hand. Pure; thread-safe.
#pragma once

#include <vector>

#include "orchestrator/inventory/host.hpp"
#include "orchestrator/notify/target.hpp"
#include "orchestrator/operations/session.hpp"

namespace patchlab::operations {

/// Error(not_allowed) for programs, and for files of secrets.
void expect_fit_for_guests(Session& session, const std::vector<notify::NotifyTarget>& targets);
/// Error(not_allowed) for variables that make Ansible run or open something here.
void expect_fit_for_guests(Session& session, const std::vector<inventory::Host>& hosts);

}  // namespace patchlab::operations
