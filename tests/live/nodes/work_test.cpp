// SPDX-License-Identifier: Apache-2.0
//
// What goes well on lab hosts: verdicts, slots, waiting, cancelling, one download for many runs.
#include "tests/live/nodes/cluster_fixture.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

class NodesWork : public Cluster {};

TEST_F(NodesWork, the_verdict_of_a_run_on_a_lab_host_is_the_exit_code_of_who_asked) {
    const process::CommandResult good = rehearse();
    EXPECT_EQ(good.exit_code, 0) << good.err << good.out;
    EXPECT_THAT(good.out, HasSubstr("validated"));
    play({{"packages", {{"hello", "1.0"}, {"other", "5"}}}, {"install_exit", 100}});
    const process::CommandResult bad = rehearse();
    EXPECT_EQ(bad.exit_code, 1) << bad.err << bad.out;
}

/// Without what says where and when.
Json without_place(Json document) {
    for (const char* key : {"id", "started", "finished", "seconds", "host", "evidence", "requested",
                            "cost", "start", "signed_by"})
        document.erase(key);
    if (document.contains("stages"))
        for (Json& stage : document["stages"]) stage.erase("seconds");
    for (Json& machine : document["machines"]) {
        machine.erase("boot_id_before");
        machine.erase("boot_id_after");
    }
    return document;
}

TEST_F(NodesWork, a_lab_host_says_of_a_patch_what_this_host_says_of_it) {
    for (int i = 0; i < 2; ++i) ASSERT_EQ(rehearse().exit_code, 0);  // the first prepares the lab
    const Json there = show(lab().newest_id());
    for (int i = 0; i < 2; ++i) ASSERT_EQ(lab().rehearse().exit_code, 0);
    const Json here = show(lab().newest_id());
    EXPECT_EQ(without_place(there), without_place(here));
}

TEST_F(NodesWork, each_stage_of_a_run_is_followed_from_the_head) {
    hold("lab1", "apply");
    const std::string run = start();
    wait_until_held(run, "apply", "lab1");
    EXPECT_THAT(log_of(run), HasSubstr("works on host lab1"));
    const std::string list = head({"run", "list", "-o", "wide"}).out;
    EXPECT_THAT(list, HasSubstr("apply on lab1"));
    EXPECT_THAT(head({"run", "show", run}).out, HasSubstr("works on host lab1"));
    release("lab1");
    const process::CommandResult followed = head({"run", "log", "-f", run, "--exit-code"});
    EXPECT_EQ(followed.exit_code, 0) << followed.err;
    EXPECT_THAT(followed.out, HasSubstr("verdict: validated"));
}

TEST_F(NodesWork, no_host_has_more_machines_than_slots_and_the_next_run_waits) {
    for (const std::string& host : hosts) hold(host, "clone");
    std::vector<std::string> runs;
    for (int i = 0; i < 13; ++i) runs.push_back(start());
    std::map<std::string, int> worked;
    wait_until("twelve runs are worked", [&] {
        worked.clear();
        for (const std::string& run : runs) {
            const Json now = show(run);
            if (now.contains("place") && now.at("place").at("state") == "working")
                ++worked[now.at("place").at("host").get<std::string>()];
        }
        return worked.size() == 3 && worked["lab1"] + worked["lab2"] + worked["lab3"] == 12;
    });
    for (const std::string& host : hosts) EXPECT_EQ(worked[host], 4) << host;
    wait_until("the last one says why it waits", [&] {
        const Json last = show(runs.back());
        return last.at("state") == "queued" && last.at("place").at("reason").is_string();
    });
    EXPECT_THAT(head({"run", "list"}).out, HasSubstr("waits: "));
    for (const std::string& host : hosts) release(host);
    for (const std::string& run : runs) wait_until_over(run);
    for (const std::string& run : runs) EXPECT_EQ(show(run).at("verdict"), "validated") << run;
}

TEST_F(NodesWork, a_cancelled_run_leaves_its_host_at_once_and_its_log_stays) {
    hold("lab1", "apply");
    const std::string run = start();
    wait_until_held(run, "apply", "lab1");
    const Stopwatch watch;
    EXPECT_EQ(head({"run", "cancel", run}).exit_code, 0);
    EXPECT_LT(watch.seconds(), 20);
    EXPECT_EQ(show(run).at("state"), "cancelled");
    EXPECT_THAT(log_of(run), HasSubstr("restore: starting the machines"));
    EXPECT_THAT(cluster({"on", "lab1", "sh", "-c", "pgrep -fc '[n]ode work' || true"}),
                testing::StartsWith("0"));
    release("lab1");
    EXPECT_EQ(rehearse().exit_code, 0) << "its slot is free again";
}

TEST_F(NodesWork, what_no_host_can_bear_is_refused_at_once) {
    std::string definition = "schema: patchlab/lab/v1\nname: large\nmachines:\n";
    for (const char* name : {"a", "b", "c", "d", "e"})
        definition += std::string("  ") + name + ": { image: played, suites: [base] }\n";
    write_file_atomic("/mnt/large.yaml", definition);
    ASSERT_EQ(head({"lab", "add", "/mnt/large.yaml"}).exit_code, 0);
    const process::CommandResult refused =
        head({"run", "start", "--lab", "large", "--patch", "hello_2.0", "--queue", "slurm"});
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_THAT(refused.err, HasSubstr("not available"));
}

TEST_F(NodesWork, each_and_campaigns_go_to_the_lab_hosts_too) {
    const process::CommandResult each = rehearse({"--each", "--json"});
    EXPECT_EQ(each.exit_code, 0) << each.err;
    EXPECT_THAT(log_of(lab().newest_id()), HasSubstr("begins on node lab"));
    const process::CommandResult campaign = head({"campaign", "start", "--lab", "shop", "--patch",
                                                  "hello_2.0", "--no-drill", "--queue", "slurm"});
    EXPECT_EQ(campaign.exit_code, 0) << campaign.err;
    EXPECT_THAT(log_of(lab().newest_id()), HasSubstr("begins on node lab"));
}

}  // namespace
}  // namespace patchlab::tests
