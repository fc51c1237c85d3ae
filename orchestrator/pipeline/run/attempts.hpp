// SPDX-License-Identifier: Apache-2.0
//
// The attempts of a run that a scheduler has: which one counts. On disk: runs/<id>/attempts/N.json,
// one file for each (schema patchlab/attempt/v1, docs/formats/attempt.md), written before the
// scheduler is asked. Why it is as it is: docs/adr/0033-runs-on-slurm.md.
//
// A host that was taken for dead may live and bring evidence an hour later. Which evidence counts
// must not depend on who comes last: an attempt may report only while it is the newest one and has
// not ended. Whoever begins or ends an attempt, or takes something from one, holds the lock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/pipeline/run/queue.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

/// How an attempt ended.
enum class AttemptEnd {
    none,       ///< it has not
    delivered,  ///< the run is over
    cancelled,
    refused,      ///< the scheduler did not take it
    lost,         ///< its host could not work it, or died
    called_back,  ///< somebody else cancelled its job; its host is not to blame
};

struct Attempt {
    int number = 0;     ///< 1 for the first
    std::string queue;  ///< "slurm"
    std::string token;  ///< part of the job's name, so that a job is found whose id was not stored
    std::string job;    ///< the scheduler's id; empty: nobody knows whether it was taken
    std::string node;   ///< the host that works it; empty while it waits
    Presence presence = Presence::waiting;
    std::string reason;  ///< why it waits, in the scheduler's word; "Resources"
    std::string submitted;
    std::string began;  ///< empty: not yet
    std::string ended;  ///< empty: not yet
    AttemptEnd end = AttemptEnd::none;
    std::string why;  ///< it was refused or lost
};

/// "delivered", "lost: its host could not work it": as it is stored; empty: it has not ended.
std::string end_text(const Attempt& attempt);

/// In order. Error(invalid).
std::vector<Attempt> read_attempts(const RunFolder& run);
/// nullopt: no scheduler ever had the run.
std::optional<Attempt> newest_attempt_of_queue(const RunFolder& run);
/// The caller holds the lock.
void write_attempt(const RunFolder& run, const Attempt& attempt);

/// Waits until nobody else has it.
FileLock lock_attempts(const RunFolder& run);
/// nullopt: somebody has it.
std::optional<FileLock> try_lock_attempts(const RunFolder& run);

/// Why what this attempt says of the run does not count; empty: it is the newest one, it has not
/// ended, and the run is not over. True until the caller lets go of the lock.
std::string why_superseded(const RunFolder& run, int attempt);
/// Whether it counts, and the run is not being cancelled.
bool may_report(const RunFolder& run, int attempt);
/// Whether a scheduler has the run, as far as it was asked last.
bool is_with_a_scheduler(const RunFolder& run);

}  // namespace patchlab::pipeline
