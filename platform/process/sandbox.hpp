// SPDX-License-Identifier: Apache-2.0
//
// For a process that parses hostile bytes and has everything open that it needs: from here on it
// can read, write and compute, and nothing else. Works without root.
#pragma once

namespace patchlab::process {

/// What a closed off process may still do with sockets, besides reading and writing those it has.
enum class Sockets {
    none,
    serve  ///< accept at listening ones, and make pairs of unnamed ones
};

/// No new privileges; no file can be opened, made or removed (Landlock where the kernel has it, and
/// seccomp); no program, process, socket, namespace, mount, BPF program, key or io_uring; no signal
/// to others. What is open stays open, and threads may be started. Such a call fails with EPERM.
/// Error(lab) when the kernel refuses: then the bytes must not be parsed.
void close_off(Sockets sockets = Sockets::none);

}  // namespace patchlab::process
