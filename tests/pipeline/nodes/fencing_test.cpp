// SPDX-License-Identifier: Apache-2.0
//
// Hosts and heads that die at every step: another attempt wins, an orphan is refused, and a run
// never has half a result.
#include <gmock/gmock.h>

#include "orchestrator/pipeline/stage.hpp"
#include "tests/pipeline/nodes/node_lab.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

std::string point_title(const testing::TestParamInfo<std::string>& info) {
    std::string title = info.param;
    for (char& c : title)
        if (c == '-' || c == '@') c = '_';
    return title;
}

std::string stage_title(const testing::TestParamInfo<pipeline::Stage>& info) {
    return std::string(pipeline::name(info.param));
}

class KilledNode : public NodeTest, public testing::WithParamInterface<std::string> {
  protected:
    std::map<std::string, std::string> fault() const {
        const std::string point = GetParam();
        const auto mark = point.find('@');
        return {{"PATCHLAB_FAULT", point.substr(0, mark) + ":kill" +
                                       (mark == std::string::npos ? "" : point.substr(mark))}};
    }
};

TEST_P(KilledNode, another_host_works_the_next_attempt_and_the_orphan_is_refused) {
    LabHost dead(head, "lab1"), other(head, "lab2");
    const std::string run = submitted();
    EXPECT_EQ(dead.work(run, 1, fault()).exit_code, -1);
    expect_open(run);
    submit(run, 2);
    const auto worked = other.work(run, 2);
    EXPECT_EQ(worked.exit_code, 0) << worked.err;
    expect_delivered(run);
    const std::string sealed = read_file(folder(run) / "evidence" / "manifest.json");
    EXPECT_EQ(dead.work(run, 1).exit_code, 75);
    EXPECT_EQ(read_file(folder(run) / "evidence" / "manifest.json"), sealed);
    expect_delivered(run);
}

TEST_P(KilledNode, the_same_attempt_goes_on_on_the_same_host) {
    LabHost host(head, "lab1");
    const std::string run = submitted();
    EXPECT_EQ(host.work(run, 1, fault()).exit_code, -1);
    const auto again = host.work(run, 1);
    EXPECT_EQ(again.exit_code, 0) << again.err;
    expect_delivered(run);
}

INSTANTIATE_TEST_SUITE_P(Faults, KilledNode,
                         testing::Values("run-received", "content-written", "content-fetched",
                                         "materials-provided", "run-worked", "file-handed-in",
                                         "file-handed-in@5", "all-handed-in"),
                         point_title);

class KilledHead : public NodeTest, public testing::WithParamInterface<std::string> {};

TEST_P(KilledHead, leaves_the_run_open_or_finished_and_the_node_delivers_later) {
    LabHost host(head, "lab1");
    Json configuration = read_json(host.state() / "node.json");
    // what was accepted is heard at the next connection; elsewhere each one dies again
    configuration["lost_after"] = GetParam() == "delivery-finished" ? 60 : 1;
    write_json(host.state() / "node.json", configuration);
    const std::string run = submitted();
    // every process of the head that comes so far dies there
    auto worked = host.work(run, 1, {{"PATCHLAB_FAULT", GetParam() + ":kill"}});
    EXPECT_EQ(head.run({"run", "show", run}).exit_code, 0);
    if (worked.exit_code != 0) worked = host.work(run, 1);
    EXPECT_EQ(worked.exit_code, 0) << worked.err;
    expect_delivered(run);
    const std::string rows = head.run({"audit", "list"}).out;
    const auto first = rows.find("run-delivered");
    EXPECT_NE(first, std::string::npos) << rows;
    EXPECT_EQ(rows.find("run-delivered", first + 1), std::string::npos) << rows;
}

INSTANTIATE_TEST_SUITE_P(Faults, KilledHead,
                         testing::Values("delivery-arrived", "delivery-checked",
                                         "delivery-in-place", "delivery-finished"),
                         point_title);

class KilledStage : public NodeTest, public testing::WithParamInterface<pipeline::Stage> {};

TEST_P(KilledStage, another_host_works_the_run_from_its_beginning) {
    LabHost dead(head, "lab1"), other(head, "lab2");
    const std::string run = submitted();
    const std::string stage(pipeline::name(GetParam()));
    EXPECT_EQ(dead.work(run, 1, {{"PATCHLAB_FAULT", stage + ":kill"}}).exit_code, 75);
    expect_open(run);
    EXPECT_EQ(state(run).at("stage"), stage);
    submit(run, 2);
    EXPECT_EQ(other.work(run, 2).exit_code, 0);
    expect_delivered(run);
    EXPECT_EQ(dead.work(run, 1).exit_code, 75);
}

INSTANTIATE_TEST_SUITE_P(Faults, KilledStage,
                         testing::ValuesIn(pipeline::all_stages.begin(),
                                           pipeline::all_stages.end() - 1),
                         stage_title);

class NodeFence : public NodeTest {};

TEST_F(NodeFence, finished_evidence_of_an_older_attempt_is_refused) {
    LabHost dead(head, "lab1");
    const std::string run = submitted();
    EXPECT_EQ(dead.work(run, 1, {{"PATCHLAB_FAULT", "run-worked:kill"}}).exit_code, -1);
    submit(run, 2);
    const auto orphan = dead.work(run, 1);
    EXPECT_EQ(orphan.exit_code, 75);
    EXPECT_THAT(orphan.err, HasSubstr("does not count"));
    expect_open(run);
    EXPECT_EQ(dead.drained(), "");  // it is no fault of the host
}

TEST_F(NodeFence, an_attempt_that_was_taken_for_lost_is_refused_before_there_is_another) {
    LabHost dead(head, "lab1");
    const std::string run = submitted();
    EXPECT_EQ(dead.work(run, 1, {{"PATCHLAB_FAULT", "run-worked:kill"}}).exit_code, -1);
    Json attempt = read_json(folder(run) / "attempts" / "1.json");
    attempt["state"] = "ended";
    attempt["end"] = "its node does not answer";
    write_json(folder(run) / "attempts" / "1.json", attempt);
    const auto orphan = dead.work(run, 1);
    EXPECT_EQ(orphan.exit_code, 75);
    EXPECT_THAT(orphan.err, HasSubstr("taken for lost"));
}

TEST_F(NodeFence, another_node_cannot_hand_in_for_the_one_that_began) {
    LabHost one(head, "lab1"), two(head, "lab2");
    const std::string run = submitted();
    EXPECT_EQ(one.work(run, 1, {{"PATCHLAB_FAULT", "run-received:kill"}}).exit_code, -1);
    const auto stolen = two.work(run, 1);
    EXPECT_EQ(stolen.exit_code, 75);
    EXPECT_THAT(stolen.err, HasSubstr("is worked on node lab1"));
}

TEST_F(NodeFence, an_attempt_whose_delivery_was_accepted_before_its_host_died_ends_as_delivered) {
    LabHost host(head, "lab1");
    const std::string run = submitted();
    EXPECT_EQ(host.work(run, 1, {{"PATCHLAB_FAULT", "run-delivered:kill"}}).exit_code, -1);
    expect_delivered(run);
    EXPECT_TRUE(fs::exists(host.state() / "runs" / run));
    const auto again = host.work(run, 1);
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_FALSE(fs::exists(host.state() / "runs" / run));
    expect_delivered(run);
    EXPECT_EQ(host.work(run, 1).exit_code, 75);  // nothing is left that it could be known by
}

TEST_F(NodeFence, what_a_lost_attempt_left_on_its_host_is_removed_when_the_host_works_again) {
    LabHost host(head, "lab1");
    const std::string lost = submitted();
    EXPECT_EQ(host.work(lost, 1, {{"PATCHLAB_FAULT", "run-worked:kill"}}).exit_code, -1);
    EXPECT_TRUE(fs::exists(host.state() / "runs" / lost));
    const std::string next = submitted();
    EXPECT_EQ(host.work(next, 1).exit_code, 0);
    EXPECT_FALSE(fs::exists(host.state() / "runs" / lost));
}

}  // namespace
}  // namespace patchlab::tests
