// SPDX-License-Identifier: Apache-2.0
//
// What the unpatched machines of a lab ever showed by themselves: troubles (checks that failed,
// what the machine complained of) and facts that changed, with how often and when. Kept across
// runs: a race that one start in twenty loses is in no control of today.
//   prepared/<digest>.seen.json   schema patchlab/unpatched/v1, beside the prepared lab
// Written under prepared/<digest>.seen.lock, whole or not at all. A lab that changed begins with
// what is known of its machines that are the same: image, size and networks. Capped: what was not
// seen for longest is forgotten first. Thread safety: free functions; several runs may write at
// once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "orchestrator/pipeline/lab/prepared_lab.hpp"
#include "orchestrator/pipeline/run/request.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

/// How often, and when.
struct Sighting {
    std::uint64_t times = 0;
    std::string last;  ///< RFC 3339
};

struct UnpatchedRecord {
    std::uint64_t looks = 0;  ///< at this machine, unpatched
    /// By what complained ("failed unit", "kernel error", "suite/check") and the fingerprint of
    /// what it said; a check that lists nothing has an empty one.
    std::map<std::pair<std::string, std::string>, Sighting> troubles;
    /// By class, subject and what it was then, for facts that were not as at the checkpoint.
    std::map<std::tuple<std::string, std::string, std::string>, Sighting> facts;

    /// Null when it was never seen.
    const Sighting* trouble(const std::string& subject, const std::string& shape) const;
    const Sighting* fact(const snapshots::Change& change) const;
};

/// "seen on unpatched machines 3 times in 41 looks, last 2026-11-20T10:00:00Z"
std::string words_of(const Sighting& sighting, std::uint64_t looks);

/// The subject of a reason (health) whose detail names a unit that failed.
inline constexpr const char* failed_unit = "failed unit";

/// The lists of a machine's complaints, with the subject of the reasons that tell of them.
struct Complaints {
    const char* subject;
    std::vector<std::string> snapshots::Health::*lines;
};
inline constexpr Complaints complaint_lists[] = {
    {failed_unit, &snapshots::Health::failed_units},
    {"core dump", &snapshots::Health::core_dumps},
    {"kernel error", &snapshots::Health::kernel_errors},
};

/// What is known of a machine of the lab; nothing where nothing was recorded.
UnpatchedRecord read_unpatched(const RunRequest& request, const PreparedLab& lab,
                               const std::string& machine);

/// Adds a look at an unpatched machine. Only for clones that were never patched: one whose packages
/// are not those of the checkpoint is refused, with a warning.
void record_unpatched(const RunRequest& request, const PreparedLab& lab, const std::string& machine,
                      const Findings& look, TimePoint now);
/// The same of all machines of an unpatched trial, whose findings are in `folder`.
void record_unpatched_trial(const RunRequest& request, const PreparedLab& lab,
                            const std::filesystem::path& folder, TimePoint now);

/// Marks as noise the facts that an unpatched machine had at that very value.
void subtract_unpatched(std::vector<snapshots::Change>& changes, const UnpatchedRecord& record);

}  // namespace patchlab::pipeline
