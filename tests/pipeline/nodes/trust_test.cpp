// SPDX-License-Identifier: Apache-2.0
//
// Whose evidence the head takes.
#include <gmock/gmock.h>

#include "tests/pipeline/nodes/node_lab.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

class NodeTrust : public NodeTest {
  protected:
    /// Worked, sealed, signed, and not handed in.
    std::string worked_by(LabHost& host) {
        std::string run = submitted();
        EXPECT_EQ(host.work(run, 1, {{"PATCHLAB_FAULT", "run-worked:kill"}}).exit_code, -1);
        return run;
    }
    static fs::path evidence_on(const LabHost& host, const std::string& run) {
        return host.state() / "runs" / run / "evidence";
    }
    void expect_refused(LabHost& host, const std::string& run, const std::string& why) {
        const auto again = host.work(run, 1);
        EXPECT_EQ(again.exit_code, 75);
        EXPECT_THAT(again.err, HasSubstr(why));
        EXPECT_THAT(host.drained(), HasSubstr(why));
        EXPECT_FALSE(fs::exists(folder(run) / "evidence"));
        expect_open(run);
    }
};

TEST_F(NodeTrust, a_host_that_was_not_added_gets_nothing) {
    LabHost stranger(head, "lab1", {}, false);
    const std::string run = submitted();
    expect_refused(stranger, run, "is not known here");
    EXPECT_EQ(state(run).at("state"), "queued");
}

TEST_F(NodeTrust, a_host_with_another_key_gets_nothing) {
    LabHost known(head, "lab1"), thief(head, "lab1", {}, false);
    const std::string run = submitted();
    expect_refused(thief, run, "has another key");
}

TEST_F(NodeTrust, a_revoked_host_can_not_even_hand_in_what_it_has_and_its_runs_are_listed) {
    LabHost host(head, "lab1");
    const std::string before = submitted();
    EXPECT_EQ(host.work(before, 1).exit_code, 0);
    const std::string run = worked_by(host);
    const auto revoked = head.run({"node", "revoke", "lab1", "--reason", "stolen", "--yes"});
    EXPECT_EQ(revoked.exit_code, 0) << revoked.err;
    EXPECT_THAT(revoked.out, HasSubstr(before));
    expect_refused(host, run, "was revoked");
    expect_delivered(before);  // what the head countersigned stays verifiable
    EXPECT_THAT(head.run({"node", "list"}).out, HasSubstr("revoked"));
    EXPECT_EQ(head.run({"node", "add", "lab1", "--key", host.key_file().string()}).exit_code, 2);
}

TEST_F(NodeTrust, evidence_that_was_altered_is_refused) {
    LabHost host(head, "lab1");
    const std::string run = worked_by(host);
    const fs::path file = evidence_on(host, run) / "lab.yaml";
    const std::string text = read_file(file);
    fs::permissions(file.parent_path(), fs::perms(0750));
    write_file_atomic(file, text + "#");
    expect_refused(host, run, "lab.yaml is changed");
}

TEST_F(NodeTrust, a_file_that_was_not_sealed_is_refused) {
    LabHost host(head, "lab1");
    const std::string run = worked_by(host);
    fs::permissions(evidence_on(host, run), fs::perms(0750));
    write_file_atomic(evidence_on(host, run) / "more", "more");
    expect_refused(host, run, "more is not in the manifest");
}

TEST_F(NodeTrust, evidence_that_another_host_signed_is_refused) {
    LabHost host(head, "lab1"), other(head, "lab2");
    const std::string run = worked_by(host);
    const std::string second = submitted();
    EXPECT_EQ(other.work(second, 1, {{"PATCHLAB_FAULT", "run-worked:kill"}}).exit_code, -1);
    remove_tree(evidence_on(host, run));
    fs::copy(evidence_on(other, second), evidence_on(host, run), fs::copy_options::recursive);
    expect_refused(host, run, "is not signed by node lab1");
}

TEST_F(NodeTrust, evidence_of_another_run_is_refused) {
    LabHost host(head, "lab1");
    const std::string other = worked_by(host);
    const TempFolder kept(fs::temp_directory_path(), "evidence");
    fs::copy(evidence_on(host, other), kept.path() / "e", fs::copy_options::recursive);
    const std::string run = submitted();
    EXPECT_EQ(host.work(run, 1, {{"PATCHLAB_FAULT", "run-worked:kill"}}).exit_code, -1);
    remove_tree(evidence_on(host, run));
    fs::copy(kept.path() / "e", evidence_on(host, run), fs::copy_options::recursive);
    expect_refused(host, run, "another request");
}

TEST_F(NodeTrust, a_state_that_names_another_verdict_than_the_evidence_is_refused) {
    LabHost host(head, "lab1");
    const std::string run = worked_by(host);
    const fs::path file = host.state() / "runs" / run / "state.json";
    Json state = read_json(file);
    state["verdict"] = "rejected";
    write_json(file, state);
    expect_refused(host, run, "names another verdict");
}

TEST_F(NodeTrust, a_host_that_was_told_the_heads_key_works_for_no_other_head) {
    const fs::path keys = head.state().parent_path() / "head.pem";
    EXPECT_EQ(head.run({"key", "export", "-o", keys.string()}).exit_code, 0);
    LabHost host(head, "lab1", {"--head-key", keys.string()});
    PlayedLab other_head;
    EXPECT_EQ(other_head.run({"key", "rotate", "--yes"}).exit_code, 0);  // a key of its own
    EXPECT_EQ(other_head.run({"node", "add", "lab1", "--key", host.key_file().string()}).exit_code,
              0);
    const std::string run = submitted();
    const auto wrong =
        host.work(run, 1, {{"PATCHLAB_HEAD", "local:" + other_head.state().string()}});
    EXPECT_EQ(wrong.exit_code, 75);
    EXPECT_THAT(wrong.err, HasSubstr("none of those that this node was told of"));
    EXPECT_EQ(host.work(run, 1).exit_code, 0);
}

TEST_F(NodeTrust, adding_and_revoking_take_the_role_admin_and_leave_rows) {
    LabHost host(head, "lab1", {}, false);
    EXPECT_EQ(head.run({"user", "add", "tess", "--role", "tester"}).exit_code, 0);
    const std::vector<std::string> add{
        "--as", "tess", "node", "add", "lab1", "--key", host.key_file().string()};
    EXPECT_EQ(head.run(add).exit_code, 4);
    EXPECT_EQ(head.run({"node", "add", "lab1", "--key", host.key_file().string()}).exit_code, 0);
    EXPECT_EQ(
        head.run({"--as", "tess", "node", "revoke", "lab1", "--reason", "x", "--yes"}).exit_code,
        4);
    const std::string rows = head.run({"audit", "list"}).out;
    EXPECT_THAT(rows, HasSubstr("node.add"));
    EXPECT_THAT(rows, HasSubstr("refused"));
}

}  // namespace
}  // namespace patchlab::tests
