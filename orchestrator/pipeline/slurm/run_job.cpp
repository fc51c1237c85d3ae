// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/slurm/run_job.hpp"

#include <algorithm>
#include <cmath>

#include "job_scripts.hpp"
#include "orchestrator/pipeline/lab/capacity.hpp"
#include "orchestrator/pipeline/run/request.hpp"
#include "orchestrator/pipeline/stage.hpp"

namespace patchlab::pipeline {

namespace {

bool is_left_out(Stage stage, const RunRequest& request) {
    return (stage == Stage::drill && !request.drill) ||
           (stage == Stage::endure && !request.endure) ||
           (stage == Stage::faults && request.faults.empty());
}

/// Twice as long as all stages may take: a second trial, and what has to be fetched before.
unsigned minutes_of(const RunRequest& request) {
    Seconds all{0};
    for (const Stage stage : all_stages)
        if (!is_left_out(stage, request)) all += deadline_of(stage);
    all += Seconds(2 * request.apply_deadline);
    return static_cast<unsigned>(std::ceil(2 * all.count() / 60));
}

}  // namespace

JobSpec job_of(const RunFolder& run, int attempt, const RunJobOptions& options) {
    const RunRequest request = read_request(run.request());
    JobSpec job;
    job.script = embedded::job_scripts::file("job.sh");
    job.words = {options.program, options.head, options.backend, "node",
                 "work",          run.id(),     "--attempt",     std::to_string(attempt)};
    job.partition = options.partition;
    job.output = options.output;
    job.machines = static_cast<unsigned>(std::max<std::size_t>(1, request.machines.size()));
    job.processors = 0;
    for (const MachineRequest& machine : request.machines)
        job.processors += static_cast<unsigned>(machine.definition.vcpus);
    job.processors = std::max(1U, job.processors);
    job.memory_mib = memory_mib_of(request);
    job.minutes = minutes_of(request);
    return job;
}

}  // namespace patchlab::pipeline
