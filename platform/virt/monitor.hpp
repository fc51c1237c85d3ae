// SPDX-License-Identifier: Apache-2.0
//
// QEMU's monitor (QMP), through libvirt. Private to this folder.
#pragma once

#include "platform/core/json.hpp"
#include "platform/virt/handles.hpp"

namespace patchlab::virt {

/// Sends one QMP command, handing over `fd` when it is not negative; returns what stood under
/// "return". Error(lab) with QEMU's words. Blocks as long as QEMU does.
Json monitor_command(const Domain& domain, const std::string& command,
                     const Json& arguments = nullptr, int fd = -1);

/// Gives QEMU a descriptor under a name, for "fd:<name>" in migration addresses.
void give_descriptor(const Domain& domain, const std::string& name, int fd);

/// RAM in shared files is not written to (or read from) the migration stream.
void ignore_shared_memory(const Domain& domain);

/// Polls query-migrate (2 ms apart) until the outgoing migration has completed. Error(lab) when it
/// failed.
void wait_for_migration(const Domain& domain);

/// Polls query-status until the incoming migration has been loaded. Error(lab) when it failed.
void wait_for_incoming(const Domain& domain);

}  // namespace patchlab::virt
