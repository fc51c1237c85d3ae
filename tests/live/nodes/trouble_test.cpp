// SPDX-License-Identifier: Apache-2.0
//
// Lab hosts that die in the middle of each stage, that are taken for dead and live, that are full,
// that have another key; a controller that is away.
#include <thread>

#include "tests/live/nodes/cluster_fixture.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class NodesTrouble : public Cluster {
  protected:
    static Json attempt(const std::string& run, int number) {
        return read_json(lab().state() / "runs" / run / "attempts" /
                         (std::to_string(number) + ".json"));
    }
    static int attempts(const std::string& run) {
        int count = 0;
        while (fs::exists(lab().state() / "runs" / run / "attempts" /
                          (std::to_string(count + 1) + ".json")))
            ++count;
        return count;
    }
};

/// Every stage that a run without a drill and without faults goes through.
const std::vector<std::string> stages{"clone",   "boot",   "baseline", "checkpoint", "control",
                                      "restore", "apply",  "restart",  "test",       "observe",
                                      "compare", "endure", "judge",    "seal"};

TEST_F(NodesTrouble, a_host_that_loses_its_power_in_the_middle_of_a_stage_costs_no_run) {
    for (const std::string& stage : stages) {
        SCOPED_TRACE(stage);
        hold("lab1", stage);
        const std::string run = start();
        wait_until_held(run, stage, "lab1");
        cluster({"kill", "lab1"});
        cluster({"declare-dead", "lab1"});
        wait_until_over(run);
        EXPECT_EQ(show(run).at("verdict"), "validated");
        EXPECT_EQ(attempts(run), 2);
        EXPECT_THAT(attempt(run, 1).at("end").get<std::string>(), HasSubstr("lost"));
        wait_until("it is written down", [&] { return attempt(run, 2).at("end") == "delivered"; });
        EXPECT_NE(attempt(run, 2).at("node"), "lab1");
        release("lab1");
        cluster({"start", "lab1"});
    }
}

/// Nobody says that it is dead: Slurm finds out.
TEST_F(NodesTrouble, a_dead_host_is_noticed_and_its_run_begins_elsewhere_without_waiting) {
    hold("lab1", "test");
    const std::string run = start();
    wait_until_held(run, "test", "lab1");
    cluster({"kill", "lab1"});
    const Stopwatch watch;
    wait_until_over(run);
    EXPECT_LT(watch.seconds(), 60) << "Slurm's own requeue waits 120 s";
    EXPECT_EQ(show(run).at("verdict"), "validated");
    release("lab1");
    cluster({"start", "lab1"});
}

TEST_F(NodesTrouble, evidence_of_a_host_that_was_taken_for_dead_is_refused) {
    hold("lab1", "seal");
    const std::string run = start();
    wait_until_held(run, "seal", "lab1");
    cluster({"cut", "lab1"});
    cluster({"declare-dead", "lab1"});
    wait_until_over(run);
    const Json won = show(run);
    release("lab1");  // it lives, reaches the head over another way, and goes on
    wait_until("its job has ended", [&] {
        return cluster({"on", "lab1", "sh", "-c", "pgrep -fc '[n]ode work' || true"}) == "0\n";
    });
    EXPECT_EQ(show(run), won);
    wait_until("it is written down", [&] { return attempt(run, 2).at("end") == "delivered"; });
    EXPECT_FALSE(fs::exists(lab().state() / "runs" / (run + ".attempt-1.partial")));
    cluster({"join", "lab1"});
}

TEST_F(NodesTrouble, a_controller_that_is_restarted_loses_no_run) {
    hold("lab1", "apply");
    const std::string run = start();
    wait_until_held(run, "apply", "lab1");
    cluster({"controller", "stop"});
    std::this_thread::sleep_for(std::chrono::seconds(3));
    EXPECT_EQ(show(run).at("state"), "running");
    cluster({"controller", "start"});
    release("lab1");
    wait_until_over(run);
    EXPECT_EQ(attempts(run), 1);
    EXPECT_EQ(show(run).at("verdict"), "validated");
}

TEST_F(NodesTrouble, a_job_that_somebody_else_cancels_begins_anew) {
    hold("lab1", "apply");
    const std::string run = start();
    wait_until_held(run, "apply", "lab1");
    const std::string job = show(run).at("place").at("job");
    release("lab1");
    hold("lab1", "clone");
    cluster({"cancel-job", job});
    wait_until("it is begun anew", [&] { return attempts(run) == 2; });
    release("lab1");
    wait_until_over(run);
    EXPECT_EQ(show(run).at("verdict"), "validated");
}

TEST_F(NodesTrouble, a_full_host_is_taken_out_of_service_and_the_run_goes_elsewhere) {
    cluster({"on", "lab1", "/mnt/cluster/bin/patchlab", "node", "init", "lab1", "--head",
             "unix:/mnt/cluster/head.sock", "--keep-free", "1PiB", "--drain",
             "/mnt/cluster/bin/drain"});
    const process::CommandResult done = rehearse();
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(log_of(lab().newest_id()), HasSubstr("was lost on host lab1"));
    EXPECT_THAT(cluster({"state-of", "lab1"}), HasSubstr("drain"));
    cluster({"on", "lab1", "/mnt/cluster/bin/patchlab", "node", "init", "lab1", "--head",
             "unix:/mnt/cluster/head.sock", "--keep-free", "1MiB", "--drain",
             "/mnt/cluster/bin/drain"});
    cluster({"resume", "lab1"});
}

TEST_F(NodesTrouble, a_host_with_another_key_is_refused) {
    cluster({"on", "lab1", "mv", "/mnt/here/state", "/mnt/here/state-before"});
    cluster({"on", "lab1", "mkdir", "/mnt/here/state"});
    cluster({"on", "lab1", "/mnt/cluster/bin/patchlab", "node", "init", "lab1", "--head",
             "unix:/mnt/cluster/head.sock", "--keep-free", "1MiB", "-o", "/mnt/here/other.pem"});
    const process::CommandResult done = rehearse();
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(log_of(lab().newest_id()), Not(HasSubstr("begins on node lab1")));
    EXPECT_THAT(log_of(lab().newest_id()), HasSubstr("was lost on host lab1"));
    cluster({"on", "lab1", "rm", "-rf", "/mnt/here/state"});
    cluster({"on", "lab1", "mv", "/mnt/here/state-before", "/mnt/here/state"});
}

}  // namespace
}  // namespace patchlab::tests
