// SPDX-License-Identifier: Apache-2.0
//
// How many trials this host bears at once. Thread safety: pure, but for reading /proc.
#pragma once

#include "orchestrator/pipeline/run/request.hpp"

namespace patchlab::pipeline {

struct HostRoom {
    unsigned cores = 1;
    unsigned long memory_mib = 0;  ///< available without swapping
};

/// What this host has now; memory from MemAvailable of /proc/meminfo.
HostRoom room_of_this_host();

/// Of the machines of one trial, with their emulators.
unsigned long memory_mib_of(const RunRequest& request);

/// At least 1. A machine without hardware acceleration keeps about one core busy whatever its
/// number of processors (measured: installing, booting and testing are single threads for the most
/// part), and needs its memory and 360 MiB for its emulator.
unsigned trials_at_once(const RunRequest& request, const HostRoom& room);

/// Whether memory bears so many trials at once.
bool memory_bears(const RunRequest& request, const HostRoom& room, unsigned trials);

/// Whether the host bears one more set of these machines beside those of `workers`, each of which
/// has one. `room`: as it is with them.
bool bears_one_more(const RunRequest& request, const HostRoom& room, unsigned workers);

}  // namespace patchlab::pipeline
