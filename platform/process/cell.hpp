// SPDX-License-Identifier: Apache-2.0
//
// A cell: a child process in PID, mount and (on request) network namespaces of its own, that dies
// with its parent. Whatever it started (QEMU, libguestfs' appliance, mounts) dies with it,
// whichever process is killed and however; nothing is left for the host to leak. The private
// network has a loopback device only: a guest in it reaches neither the host nor the world.
//
// Where the host allows no namespaces (not root, a strict container) the body runs in a plain child
// process that dies with its parent; `isolated` tells the body so, and `patchlab reap` then finds
// what is left by the record of resources.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace patchlab::process {

struct CellOptions {
    bool private_network = true;
    /// A new session, so that a terminal's Ctrl-C reaches the caller alone, which then decides.
    bool new_session = true;
    /// Called in the caller with the process id that stands for the cell: SIGTERM and SIGINT sent
    /// to it reach the body, SIGKILL ends the whole cell. Empty: nobody wants to know.
    std::function<void(int pid)> on_started;
};

struct CellStatus {
    int exit_code = -1;  ///< what the body returned, or -1
    int signal = 0;      ///< what killed it, or 0
};

/// True when this process may create PID, mount and network namespaces (tried once, in a child).
bool cells_available();

/// Runs `body(isolated)` in a cell and waits for it and for everything that it started. The calling
/// process must be single-threaded (it forks without exec); descriptors are inherited. `body` must
/// not throw past its own top (the child aborts); its return value is the exit code, and no
/// destructor of the caller's frames runs in the child. Everything is killed when the calling
/// process dies. Error(lab) when the cell cannot be set up.
CellStatus run_in_cell(const CellOptions& options, const std::function<int(bool isolated)>& body);

// What a cell's own namespaces hold: a folder in memory that this process's mount namespace alone
// sees, gone with the namespace, and the one device of its private network.

/// Mounts a small tmpfs (mode 0711) on `path`, which is created where it is missing. Only to be
/// called in a cell that is isolated. Error(lab) when the mount is refused.
void mount_private_folder(const std::filesystem::path& path);

/// Called by the first process of the cell, single-threaded. Brings `lo` up and routes IPv4
/// multicast to it (QEMU's mcast networks join machines that way). Returns 0, or an errno.
int bring_loopback_up() noexcept;

}  // namespace patchlab::process
