// SPDX-License-Identifier: Apache-2.0
//
// What is asked of Slurm's commands, and how their output is read.
#include "orchestrator/pipeline/slurm/slurm_scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/error.hpp"

namespace patchlab::pipeline {
namespace {

using testing::Contains;
using testing::Not;
using testing::StartsWith;

/// As squeue of Slurm 22.05 prints it, without what is not read.
std::string printed(const std::string& state, const std::string& more = "") {
    return R"({"meta": {"Slurm": {"release": "22.05.8"}}, "errors": [], "jobs": [{"job_id": 7,
        "name": "patchlab-r-20261130-0001.1-00ff00ff", "job_state": ")" +
           state + R"(", "batch_host": "lab2", "nodes": "lab2", "state_reason": "None",
        "exit_code": 0, "restart_cnt": 0)" +
           more + "}]}";
}

JobState state_of(const std::string& word) { return jobs_from(printed(word)).at(0).state; }

TEST(SlurmScheduler, reads_a_job_its_host_and_its_state) {
    const Job job = jobs_from(printed("RUNNING")).at(0);
    EXPECT_EQ(job.id, "7");
    EXPECT_EQ(job.name, "patchlab-r-20261130-0001.1-00ff00ff");
    EXPECT_EQ(job.state, JobState::working);
    EXPECT_EQ(job.node, "lab2");
    EXPECT_EQ(job.reason, "");
}

TEST(SlurmScheduler, knows_what_each_state_of_slurm_means_for_a_run) {
    EXPECT_EQ(state_of("PENDING"), JobState::waiting);
    EXPECT_EQ(state_of("CONFIGURING"), JobState::waiting);
    EXPECT_EQ(state_of("COMPLETING"), JobState::working);
    EXPECT_EQ(state_of("SUSPENDED"), JobState::working);
    EXPECT_EQ(state_of("COMPLETED"), JobState::ended);
    EXPECT_EQ(state_of("FAILED"), JobState::ended);
    EXPECT_EQ(state_of("CANCELLED"), JobState::cancelled);
    for (const char* word : {"NODE_FAIL", "TIMEOUT", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE"})
        EXPECT_EQ(state_of(word), JobState::failed) << word;
    EXPECT_EQ(state_of("A_LATER_SLURM_SAYS_SO"), JobState::failed);
}

TEST(SlurmScheduler, reads_the_exit_code_from_a_wait_status) {
    EXPECT_EQ(jobs_from(printed("FAILED", R"(, "exit_code": 1280)")).at(0).exit_code, 5);
    EXPECT_EQ(jobs_from(printed("COMPLETED")).at(0).exit_code, 0);
}

TEST(SlurmScheduler, reads_what_later_versions_print) {
    const Job job = jobs_from(R"({"errors": [], "jobs": [{"job_id": 8, "name": "patchlab-x.1-aa",
            "job_state": ["FAILED", "COMPLETING"], "batch_host": "lab2", "state_reason": "None",
            "exit_code": {"status": ["ERROR"],
                          "return_code": {"set": true, "infinite": false, "number": 75}}}]})")
                        .at(0);
    EXPECT_EQ(job.state, JobState::ended);
    EXPECT_EQ(job.exit_code, 75);
}

TEST(SlurmScheduler, jobs_of_others_are_passed_over_whatever_they_look_like) {
    EXPECT_TRUE(
        jobs_from(R"({"errors": [], "jobs": [{"job_id": null, "name": "render"}]})").empty());
}

TEST(SlurmScheduler, refuses_an_answer_that_tells_of_errors_or_is_no_answer) {
    EXPECT_THROW(jobs_from(R"({"errors": [{"error": "no controller"}], "jobs": []})"), Error);
    EXPECT_THROW(jobs_from("JOBID PARTITION NAME"), Error);
    EXPECT_THROW(jobs_from(R"({"errors": []})"), Error);
}

TEST(SlurmScheduler, takes_a_job_id_and_nothing_else_from_sbatch) {
    EXPECT_EQ(job_id_from("123\n"), "123");
    EXPECT_EQ(job_id_from("123;cluster\n"), "123");
    EXPECT_THROW(job_id_from(""), Error);
    EXPECT_THROW(job_id_from("Submitted batch job 123"), Error);
}

TEST(SlurmScheduler, asks_for_slots_memory_and_time_and_for_no_requeue_of_slurms_own) {
    JobSpec job;
    job.name = "patchlab-x.1-aa";
    job.machines = 2;
    job.processors = 3;
    job.memory_mib = 1500;
    job.minutes = 90;
    job.partition = "labs";
    job.not_on = {"lab1", "lab3"};
    const auto words = sbatch_words(job);
    for (const char* word :
         {"--gres=machine:2", "--cpus-per-task=3", "--mem=1500M", "--time=90", "--partition=labs",
          "--exclude=lab1,lab3", "--no-requeue", "--parsable", "--export=NONE"})
        EXPECT_THAT(words, Contains(word));
    EXPECT_THAT(sbatch_words({}), Not(Contains(StartsWith("--exclude"))));
}

TEST(SlurmScheduler, a_job_is_worked_rather_where_its_contents_are) {
    JobSpec job;
    EXPECT_THAT(sbatch_words(job), Not(Contains(StartsWith("--prefer"))));
    job.rather_on = {"lab2", "lab3"};
    EXPECT_THAT(sbatch_words(job), Contains("--prefer=lab2|lab3"));
}

}  // namespace
}  // namespace patchlab::pipeline
