// SPDX-License-Identifier: Apache-2.0
//
// The one device of a cell's private network. Called by the first process of the cell,
// single-threaded.
#pragma once

namespace patchlab::process {

/// Brings `lo` up and routes IPv4 multicast to it (QEMU's mcast networks join machines that way).
/// Returns 0, or an errno.
int bring_loopback_up() noexcept;

}  // namespace patchlab::process
