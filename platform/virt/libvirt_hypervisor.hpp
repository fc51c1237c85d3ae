// SPDX-License-Identifier: Apache-2.0
//
// The real hypervisor: libvirt's QEMU driver inside this process, no daemon. Every call into
// libvirt has a deadline, so a stopped or hanging QEMU never takes the caller with it.
//
// What the caller provides: folders that QEMU's user can pass through (0711 all the way from /),
// base images 0444, an overlay of its own for every machine; `root` for this process alone and on
// the same filesystem as the agents' sockets. What this code changes: the overlay, the memory file
// and the console log are given to QEMU's user (see qemu_user.hpp); after a checkpoint the disk and
// the files are root's again, the disk 0444.
//
// The memory file of a mapped checkpoint is root's with write permission for QEMU's group, because
// QEMU 7.2 opens a private mapping for writing as well. Nothing writes it; that nothing did is
// proven at every restore by its change time, which no unprivileged process can set back. So do not
// chmod, chown or hard-link it after the checkpoint, and prepare afresh after copying it elsewhere.
#pragma once

#include <filesystem>
#include <memory>

#include "platform/virt/hypervisor.hpp"

namespace patchlab::virt {

struct LibvirtOptions {
    std::filesystem::path
        root;  ///< libvirt's folder of this process; short path (< 60 bytes), created
    std::filesystem::path capability_cache;  ///< what libvirt learnt about the emulator, shared by
                                             ///< all roots; may not exist yet
    Acceleration acceleration = Acceleration::tcg;
    /// Folders below this one are closed to everybody but root and QEMU; empty: none are.
    std::filesystem::path state{};
};

/// Connects, in one process always with the same root. Error(lab) when the host cannot.
/// Must be called after the last fork() without exec of the process: libvirt runs threads from then
/// on.
std::unique_ptr<Hypervisor> open_libvirt(const LibvirtOptions& options);

// libvirt tells its log on stderr unless the environment says otherwise when it is initialised, and
// libguestfs initialises it before main() begins. A worker's stderr is its log, where these words
// belong; a person's terminal is not.

/// For a program that opens a hypervisor with a person before it: starts the program again, in the
/// same process, with an environment that keeps libvirt silent, and returns in that one at once.
/// What goes wrong still reaches the caller as Error. Whoever sets LIBVIRT_LOG_OUTPUTS gets what
/// they want. To be called before anything was opened or started.
void keep_libvirt_off_the_terminal(char** argv);

}  // namespace patchlab::virt
