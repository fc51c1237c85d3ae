// SPDX-License-Identifier: Apache-2.0
//
// Precedence: some processes get the host's processors before others, for as long as something is
// measured in them. Ownership: what was changed is undone by the destructor; a process that dies
// takes its precedence with it, so a crash leaves nothing. Thread safety: one thread; several may
// overlap in different processes.
#pragma once

#include <sys/types.h>

#include <vector>

#include "platform/core/files.hpp"

namespace patchlab::process {

class Precedence {
  public:
    /// All threads of these processes, and those they start meanwhile, are ten steps less nice:
    /// about nine times the share that they had. Where we may not do that (not root), or a process
    /// is gone, nothing happens.
    explicit Precedence(const std::vector<pid_t>& pids);
    ~Precedence();
    Precedence(const Precedence&) = delete;
    Precedence& operator=(const Precedence&) = delete;

  private:
    struct Process {
        UniqueFd folder;  ///< in /proc: another process that gets the number is not meant
        int nice = 0;     ///< as it was
        int group = 0;    ///< niceness of its group, as it was
    };
    std::vector<Process> processes_;
};

}  // namespace patchlab::process
