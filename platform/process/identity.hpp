// SPDX-License-Identifier: Apache-2.0
//
// A process that is told from every other one, also from a later one that was given its number. A
// number alone is never believed: it counts together with the time at which the process was
// started, in the PID namespace and the boot of the host in which the number was read. Thread
// safety: free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/core/files.hpp"

namespace patchlab::process {

struct ProcessIdentity {
    std::string host;           ///< the host's name, for people
    std::string boot;           ///< the boot id of its kernel
    std::string pid_namespace;  ///< "pid:[4026531836]"
    std::int64_t pid = 0;
    std::uint64_t started = 0;  ///< clock ticks since the boot: field 22 of /proc/PID/stat

    friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

/// Who we are. Error(lab) without a /proc.
ProcessIdentity this_process();

/// Whether the numbers of that process mean something to us: the same boot of the same kernel, the
/// same PID namespace.
bool is_visible(const ProcessIdentity& process);

/// A pidfd of exactly this process: readable when it has ended. Invalid when it has ended (a zombie
/// has), when its number is another process's now, or when it is not visible to us.
UniqueFd open_process(const ProcessIdentity& process);
inline bool is_running(const ProcessIdentity& process) {
    return static_cast<bool>(open_process(process));
}

/// The process that has this number now, in this namespace; nullopt when there is none. Look at it
/// afterwards: what is found then belongs to this process, or signal_process() refuses.
std::optional<ProcessIdentity> process_with(std::int64_t pid);
/// Sends the signal to exactly this process. False when that cannot be proven; then nothing was
/// sent.
bool signal_process(const ProcessIdentity& process, int signal);

}  // namespace patchlab::process
