// SPDX-License-Identifier: Apache-2.0
//
// Slurm as a Scheduler, through its own commands: sbatch, squeue, scancel. States are read as JSON.
// Which Slurm that is, Slurm's own configuration says (SLURM_CONF). Thread safety: as Scheduler.
#pragma once

#include <string_view>

#include "orchestrator/pipeline/slurm/scheduler.hpp"
#include "platform/process/command.hpp"

namespace patchlab::pipeline {

class SlurmScheduler final : public Scheduler {
  public:
    explicit SlurmScheduler(process::CommandRunner& commands) : commands_(commands) {}
    std::string submit(const JobSpec& job) override;
    std::vector<Job> jobs() override;
    void cancel(const std::string& id) override;

  private:
    process::CommandRunner& commands_;
};

/// The options that sbatch is called with.
std::vector<std::string> sbatch_words(const JobSpec& job);
/// The id that `sbatch --parsable` printed. Error(invalid).
std::string job_id_from(std::string_view printed);
/// Runs among what `squeue --json` printed. Error(invalid) when it is not that, or Slurm tells of
/// errors.
std::vector<Job> jobs_from(std::string_view printed);

}  // namespace patchlab::pipeline
