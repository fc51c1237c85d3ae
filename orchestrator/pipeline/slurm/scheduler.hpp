// SPDX-License-Identifier: Apache-2.0
//
// Scheduler: what the queue of runs needs of a scheduler of jobs: take one, say where they are, end
// one. Thread safety: may be used from several threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace patchlab::pipeline {

/// Begins the names of all jobs that are runs.
inline constexpr const char* job_prefix = "patchlab-";

/// What a job is and what it needs.
struct JobSpec {
    std::string name;                  ///< unique among all jobs
    std::string script;                ///< with its "#!" line
    std::vector<std::string> words;    ///< its arguments
    std::string partition;             ///< empty: the scheduler's usual one
    std::string output = "/dev/null";  ///< where the host writes what the job prints
    unsigned machines = 1;             ///< slots
    unsigned processors = 1;
    unsigned long memory_mib = 0;
    unsigned minutes = 60;               ///< the scheduler ends it after that
    std::vector<std::string> not_on;     ///< hosts that must not get it
    std::vector<std::string> rather_on;  ///< one of these hosts, where one is free; else any
};

enum class JobState {
    waiting,
    working,
    ended,      ///< by itself; see exit_code
    cancelled,  ///< by somebody's order
    failed,     ///< the host died, or time or memory was used up
};

struct Job {
    std::string id;
    std::string name;
    JobState state = JobState::waiting;
    std::string word;    ///< of the scheduler for the state: "NODE_FAIL"
    std::string node;    ///< empty while it waits
    std::string reason;  ///< why it waits; empty: nothing is said
    int exit_code = 0;   ///< of one that ended
    bool is_over() const { return state != JobState::waiting && state != JobState::working; }
};

class Scheduler {
  public:
    virtual ~Scheduler() = default;
    /// Gives the job's id. Error(lab) when it is refused, with the scheduler's words.
    virtual std::string submit(const JobSpec& job) = 0;
    /// All that it knows, those that ended lately, too. Error(lab) when it cannot be asked, which
    /// says nothing about the jobs.
    virtual std::vector<Job> jobs() = 0;
    /// Asks for the end of a job; one that is over or unknown is no mistake. Error(lab) when the
    /// scheduler cannot be asked.
    virtual void cancel(const std::string& id) = 0;
};

}  // namespace patchlab::pipeline
