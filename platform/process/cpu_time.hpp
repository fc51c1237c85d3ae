// SPDX-License-Identifier: Apache-2.0
//
// What a process has used: processor time of another one (what it did, however busy the host is
// besides), time and memory of our own. Thread safety: pure reading of what the kernel counts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace patchlab::process {

/// Seconds of processor time, user and system, of all threads of `pid` since it started. nullopt
/// when there is no such process. Resolution: the kernel's clock tick (10 ms).
std::optional<double> cpu_seconds(pid_t pid);

struct Usage {
    double cpu_seconds = 0;      ///< user and system, of all our threads, without child processes
    std::uint64_t peak_kib = 0;  ///< the most memory that was ever resident
};

/// Of this process, since it started. Source: getrusage(2).
Usage own_usage();

}  // namespace patchlab::process
