// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/slurm/slurm_scheduler.hpp"

#include <algorithm>
#include <array>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"

namespace patchlab::pipeline {

namespace {

constexpr Seconds patience{60};

std::string joined_with(char sign, const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        if (!text.empty()) text += sign;
        text += word;
    }
    return text;
}

JobState state_from(const std::string& word) {
    static constexpr std::array waiting{"PENDING",       "CONFIGURING",  "REQUEUED",
                                        "REQUEUE_FED",   "REQUEUE_HOLD", "SPECIAL_EXIT",
                                        "RESV_DEL_HOLD", "PREEMPTED"};
    static constexpr std::array working{"RUNNING",   "COMPLETING", "SUSPENDED", "STOPPED",
                                        "SIGNALING", "STAGE_OUT",  "RESIZING"};
    const auto is_one_of = [&](const auto& words) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (is_one_of(waiting)) return JobState::waiting;
    if (is_one_of(working)) return JobState::working;
    if (word == "CANCELLED" || word == "REVOKED") return JobState::cancelled;
    return word == "COMPLETED" || word == "FAILED" ? JobState::ended : JobState::failed;
}

/// Later versions of Slurm give several words, the state's own first.
std::string state_word(const JsonReader& in) {
    const Json& state = in.raw("job_state");
    if (!state.is_array() || state.empty() || !state.front().is_string())
        return in.string("job_state");
    return state.front().get<std::string>();
}

/// A wait status, whose second byte is the code; later versions of Slurm give the code by itself.
int exit_code_of(const JsonReader& in) {
    constexpr std::int64_t code_shift = 8;
    if (!in.has("exit_code")) return 0;
    if (!in.raw("exit_code").is_object())
        return static_cast<int>((in.integer("exit_code") >> code_shift) & 0xff);
    const JsonReader exit = in.object("exit_code");
    if (!exit.has("return_code")) return 0;
    if (exit.raw("return_code").is_object())
        return static_cast<int>(exit.object("return_code").integer_or("number", 0));
    return static_cast<int>(exit.integer("return_code"));
}

Job job_from(const JsonReader& in) {
    Job job;
    job.id = std::to_string(in.integer("job_id"));
    job.name = in.string("name");
    job.word = state_word(in);
    job.state = state_from(job.word);
    job.node = in.string_or("batch_host", "");
    if (job.node.empty()) job.node = in.string_or("nodes", "");
    job.reason = in.string_or("state_reason", "");
    if (job.reason == "None") job.reason.clear();
    job.exit_code = exit_code_of(in);
    return job;
}

}  // namespace

std::vector<std::string> sbatch_words(const JobSpec& job) {
    std::vector<std::string> words{"--parsable",
                                   "--no-requeue",
                                   "--export=NONE",
                                   "--chdir=/",
                                   "--input=/dev/null",
                                   "--nodes=1",
                                   "--ntasks=1",
                                   "--job-name=" + job.name,
                                   "--output=" + job.output,
                                   "--gres=machine:" + std::to_string(job.machines),
                                   "--cpus-per-task=" + std::to_string(job.processors),
                                   "--time=" + std::to_string(job.minutes)};
    if (job.memory_mib > 0) words.push_back("--mem=" + std::to_string(job.memory_mib) + "M");
    if (!job.partition.empty()) words.push_back("--partition=" + job.partition);
    if (!job.not_on.empty()) words.push_back("--exclude=" + joined_with(',', job.not_on));
    // features: in slurm.conf each host has one that is called as the host is
    if (!job.rather_on.empty()) words.push_back("--prefer=" + joined_with('|', job.rather_on));
    return words;
}

std::string job_id_from(std::string_view printed) {
    // "123", or "123;cluster"
    const std::string id(printed.substr(0, printed.find_first_of(";\n")));
    if (id.empty() || id.size() > 20 || id.find_first_not_of("0123456789") != std::string::npos)
        throw Error(ErrorCode::invalid, "sbatch printed no job id: " + printable(printed, 80));
    return id;
}

std::vector<Job> jobs_from(std::string_view printed) {
    const Json document = parse_json(printed, "squeue --json", 256U << 20);
    const JsonReader in(document, "squeue --json");
    if (const auto errors = document.find("errors");
        errors != document.end() && errors->is_array() && !errors->empty())
        throw Error(ErrorCode::invalid,
                    "squeue reports errors: " + printable(to_line(*errors), 200));
    std::vector<Job> jobs;
    for (const JsonReader& one : in.objects("jobs"))
        if (one.string_or("name", "").starts_with(job_prefix)) jobs.push_back(job_from(one));
    return jobs;
}

std::string SlurmScheduler::submit(const JobSpec& job) {
    process::CommandSpec spec;
    spec.program = "sbatch";
    const TempFolder folder(fs::temp_directory_path(), "job");
    const fs::path script = folder.path() / "job.sh";
    write_file_atomic(script, job.script);
    spec.args = sbatch_words(job);
    spec.args.push_back(script.string());
    spec.args.insert(spec.args.end(), job.words.begin(), job.words.end());
    spec.purpose = "handing job " + job.name + " to Slurm";
    spec.deadline = patience;
    return job_id_from(commands_.require(spec).out);
}

std::vector<Job> SlurmScheduler::jobs() {
    process::CommandSpec spec;
    spec.program = "squeue";
    spec.args = {"--json"};
    spec.purpose = "asking Slurm for its jobs";
    spec.deadline = patience;
    spec.max_output = 256U << 20;
    const process::CommandResult result = commands_.require(spec);
    if (result.truncated) throw Error(ErrorCode::lab, "squeue printed more than can be read");
    return jobs_from(result.out);
}

void SlurmScheduler::cancel(const std::string& id) {
    process::CommandSpec spec;
    spec.program = "scancel";
    spec.args = {"--quiet", id};
    spec.purpose = "ending job " + id + " of Slurm";
    spec.deadline = patience;
    commands_.require(spec);
}

}  // namespace patchlab::pipeline
