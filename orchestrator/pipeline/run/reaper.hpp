// SPDX-License-Identifier: Apache-2.0
//
// The reaper: releases whatever a crash left behind. Only what no living worker owns is touched;
// what was recorded stays, and an interrupted run can still be resumed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace patchlab::pipeline {

struct Reaped {
    std::string what;  ///< "process", "overlays", "prepared lab", "temporary folder", "lock"
    std::string subject;
};

/// Ends emulators that run on files of `state` without a worker, and removes overlays,
/// half-prepared labs and temporary folders that nobody works on, and runs that a crash kept from
/// being recorded. `is_recorded` tells whether the store has a row for a run's id. Gives what was
/// released; what could not be is thrown (Error(lab)) after everything else was tried.
std::vector<Reaped> reap(const std::filesystem::path& state,
                         const std::function<bool(const std::string& run)>& is_recorded);

}  // namespace patchlab::pipeline
