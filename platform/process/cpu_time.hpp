// SPDX-License-Identifier: Apache-2.0
//
// How much processor time another process has used: what it did, however busy the host is besides.
// Thread safety: pure reading of /proc.
#pragma once

#include <sys/types.h>

#include <optional>

namespace patchlab::process {

/// Seconds of processor time, user and system, of all threads of `pid` since it started. nullopt when there is no such process.
/// Resolution: the kernel's clock tick (10 ms).
std::optional<double> cpu_seconds(pid_t pid);

}  // namespace patchlab::process
