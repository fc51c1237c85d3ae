// SPDX-License-Identifier: Apache-2.0
//
// Settings that the kernel sizes by itself when it starts, by the memory that is free at that
// moment (mm/mmap.c, kernel/fork.c, fs/file_table.c, net/ipv4/tcp.c, …). They differ a little from
// boot to boot of the very same machine. Pure function; thread-safe.
#pragma once

#include "snapshots/compare.hpp"

namespace patchlab::snapshots {

/// True for a sysctl of that kind whose value moved by no more than a few percent: what another
/// boot does by itself. A larger step is somebody's doing.
bool sized_by_kernel(const Change& change);

}  // namespace patchlab::snapshots
