// SPDX-License-Identifier: Apache-2.0
//
// libvirt's QEMU driver inside this process (qemu:///embed), its configuration, and the thread that
// runs its event loop. Private to this folder. One process may use one root in its life (a rule of
// libvirt), and one process at a time may hold a root. Ownership: the connection owns what it wrote
// below `root`; the caller removes the folder afterwards.
#pragma once

#include <filesystem>

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

}  // namespace patchlab::virt
