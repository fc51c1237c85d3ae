// SPDX-License-Identifier: Apache-2.0
//
// A run goes to a lab host and comes back as if it had been worked here.
#include <gmock/gmock.h>

#include "tests/pipeline/nodes/node_lab.hpp"
#include "tests/support/same_evidence.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class NodeWork : public NodeTest {};

TEST_F(NodeWork, comes_to_the_evidence_of_a_run_that_was_worked_on_the_head) {
    LabHost host(head, "lab1");
    const std::string there = submitted();
    const auto worked = host.work(there, 1);
    EXPECT_EQ(worked.exit_code, 0) << worked.err;
    expect_delivered(there);
    EXPECT_EQ(head.rehearse().exit_code, 0);
    const std::string here = head.newest_id();
    const auto document_of = [&](const std::string& run) {
        return without_time_and_place(read_json(folder(run) / "evidence" / "run.json"),
                                      {"id", "evidence"});
    };
    EXPECT_EQ(document_of(there), document_of(here));
    EXPECT_EQ(files_below(folder(there) / "evidence"), files_below(folder(here) / "evidence"));
}

TEST_F(NodeWork, shows_its_events_on_the_head_and_leaves_nothing_of_the_run_on_the_host) {
    LabHost host(head, "lab1");
    const std::string run = submitted();
    EXPECT_EQ(host.work(run, 1).exit_code, 0);
    const std::string events = read_file(folder(run) / "events.jsonl");
    EXPECT_THAT(events, HasSubstr("attempt 1 begins on node lab1"));
    EXPECT_THAT(events, HasSubstr("verdict: validated"));
    EXPECT_FALSE(fs::exists(host.state() / "runs" / run));
    EXPECT_THAT(head.run({"run", "list"}).out, HasSubstr("validated"));
    EXPECT_THAT(head.run({"audit", "list"}).out, HasSubstr("run-delivered"));
    EXPECT_EQ(head.run({"audit", "verify"}).exit_code, 0);
}

TEST_F(NodeWork, a_rejected_patch_is_delivered_with_its_exit_code) {
    LabHost host(head, "lab1");
    head.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}}, {"install", {{"exit", 100}}}});
    const std::string run = submitted();
    const auto worked = host.work(run, 1);
    const auto here = head.rehearse();
    EXPECT_EQ(worked.exit_code, here.exit_code) << worked.err;
    EXPECT_EQ(state(run).at("verdict"), state(head.newest_id()).at("verdict"));
}

TEST_F(NodeWork, the_head_says_that_a_node_has_the_run_while_it_works) {
    LabHost host(head, "lab1");
    const std::string run = submitted();
    EXPECT_NE(host.work(run, 1, {{"PATCHLAB_FAULT", "run-received:kill"}}).exit_code, 0);
    EXPECT_EQ(state(run).at("state"), "running");
    const Json lease = read_json(folder(run) / "lease.json");
    EXPECT_EQ(lease.at("holder").at("host"), "lab1");
    const auto resumed = head.run({"run", "resume", run});
    EXPECT_NE(resumed.exit_code, 0);
    EXPECT_THAT(resumed.err, HasSubstr("under way"));
}

TEST_F(NodeWork, a_state_folder_with_runs_of_its_own_becomes_no_node) {
    const auto refused = head.run({"node", "init", "lab1"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr("of its own"));
    EXPECT_FALSE(fs::exists(head.state() / "node.json"));
}

TEST_F(NodeWork, a_run_that_was_never_submitted_is_not_given_out) {
    LabHost host(head, "lab1");
    const std::string run = recorded();
    EXPECT_EQ(host.work(run, 1).exit_code, 75);
    EXPECT_EQ(state(run).at("state"), "queued");
    EXPECT_EQ(host.drained(), "");
}

TEST_F(NodeWork, a_run_that_was_cancelled_is_not_worked) {
    LabHost host(head, "lab1");
    const std::string run = submitted();
    write_file_atomic(folder(run) / "cancel", "now\n");
    EXPECT_EQ(host.work(run, 1).exit_code, 75);
    expect_open(run);
}

TEST_F(NodeWork, a_host_without_room_takes_itself_out_of_service) {
    LabHost host(head, "lab1", {"--keep-free", "900000000GiB"});
    const std::string run = submitted();
    EXPECT_EQ(host.work(run, 1).exit_code, 75);
    EXPECT_THAT(host.drained(), HasSubstr("there is no room"));
    EXPECT_EQ(state(run).at("state"), "queued");
    const auto check = host.run({"node", "check", "--json"});
    EXPECT_EQ(check.exit_code, 3);
    EXPECT_THAT(check.out, HasSubstr("there is no room"));
}

TEST_F(NodeWork, a_disk_that_fills_up_under_the_run_delivers_nothing_where_the_host_is_full) {
    LabHost host(head, "lab1");
    const std::string run = submitted();
    const auto worked = host.work(run, 1, {{"PATCHLAB_FAULT", "apply:disk-full"}});
    EXPECT_EQ(worked.exit_code, 3) << worked.err;  // the host itself has room: it is the run's
    expect_delivered(run, "inconclusive");
}

}  // namespace
}  // namespace patchlab::tests
