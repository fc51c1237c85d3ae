// SPDX-License-Identifier: Apache-2.0
//
// libvirt's QEMU driver inside this process (qemu:///embed), its configuration, the thread that
// runs its event loop, and QEMU's monitor through it. Private to this folder. One process may use
// one root in its life (a rule of libvirt), and one process at a time may hold a root. Ownership:
// the connection owns what it wrote below `root`; the caller removes the folder afterwards.
#pragma once

#include <filesystem>

#include "platform/core/json.hpp"
#include "platform/virt/handles.hpp"
#include "platform/virt/qemu_user.hpp"

namespace patchlab::virt {

struct ConnectionOptions {
    std::filesystem::path root;
    std::filesystem::path capability_cache;
    QemuUser user;
};

/// Writes the configuration, brings in the warmed capability cache, starts the event loop,
/// connects. After the first use of a host the cache is saved to `capability_cache`, so that the
/// next root opens in milliseconds instead of seconds.
Connection connect_embedded(const ConnectionOptions& options);

/// Saves libvirt's knowledge of the emulator for the next root, unless it is there already.
void save_capabilities(const ConnectionOptions& options);

// QEMU's monitor (QMP), through libvirt. Private to this folder.

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
