// SPDX-License-Identifier: Apache-2.0
//
// The host's processors: who gets them first, and what a process has used of them. Ownership:
// ScopedPriority undoes in its destructor what it changed. Thread safety: a ScopedPriority is one
// thread's, and several may overlap in different processes; the other functions only read what the
// kernel counts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "platform/core/files.hpp"

namespace patchlab::process {

/// Some processes get the host's processors before others, for as long as something is measured in
/// them. A process that dies takes its priority with it, so a crash leaves nothing.
class ScopedPriority {
  public:
    /// All threads of these processes, and those they start meanwhile, run at a higher priority
    /// (nice -10): about nine times the share that they had. Where we may not do that (not root),
    /// or a process is gone, nothing happens.
    explicit ScopedPriority(const std::vector<pid_t>& pids);
    ~ScopedPriority();
    ScopedPriority(const ScopedPriority&) = delete;
    ScopedPriority& operator=(const ScopedPriority&) = delete;

  private:
    struct Process {
        UniqueFd folder;  ///< in /proc: another process that gets the number is not meant
        int nice = 0;     ///< as it was
        int group = 0;    ///< niceness of its group, as it was
    };
    std::vector<Process> processes_;
};

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
