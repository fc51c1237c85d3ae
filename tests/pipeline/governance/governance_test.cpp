// SPDX-License-Identifier: Apache-2.0
//
// From a run to an approved run through the program itself, as people use it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/governance/decision.hpp"
#include "platform/core/schema.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

Json explain(PlayedLab& lab, const std::string& run, int exit_code) {
    const process::CommandResult result = lab.run({"policy", "explain", run, "--json"});
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    return parse_json(result.out, "policy explain");
}

std::string type_of(const Json& decision, const std::string& id) {
    for (const Json& requirement : decision.at("requirements"))
        if (requirement.at("id") == id) return requirement.at("type").get<std::string>();
    return "none";
}

TEST(Approval, goes_from_the_run_of_one_person_to_the_word_of_another) {
    PlayedLab lab;
    lab.add_people();
    ASSERT_EQ(lab.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const std::string run = lab.newest_id();
    EXPECT_EQ(lab.newest().at("requester"), "tess");

    Json decision = explain(lab, run, 1);
    EXPECT_EQ(type_of(decision, "approval:release-manager"), "missing");
    Diagnostics diagnostics;
    Schema(governance::decision_schema()).check({"decision", decision, {}}, diagnostics);
    EXPECT_TRUE(diagnostics.ok()) << diagnostics.items.front().text();

    EXPECT_EQ(lab.run({"--as", "tess", "approve", run}).exit_code, 4);
    EXPECT_EQ(lab.run({"--as", "mallory", "approve", run}).exit_code, 4);
    EXPECT_EQ(lab.run({"approve", run}).exit_code, 4) << "an administrator is no release manager";
    const process::CommandResult approved = lab.run({"--as", "bob", "approve", run, "--json"});
    EXPECT_EQ(approved.exit_code, 0) << approved.err;
    EXPECT_TRUE(parse_json(approved.out, "approve").at("decision").at("satisfied").get<bool>());
    decision = explain(lab, run, 0);
    EXPECT_EQ(type_of(decision, "approval:release-manager"), "passed");

    const process::CommandResult rejected =
        lab.run({"--as", "carol", "reject", run, "--reason", "the shop is closing its books"});
    EXPECT_EQ(rejected.exit_code, 0) << rejected.err;
    EXPECT_EQ(type_of(explain(lab, run, 1), "rejection:carol"), "failed");
    EXPECT_EQ(lab.run({"--as", "carol", "reject", run}).exit_code, 2) << "without a reason";
}

TEST(Approval, of_whoever_asked_is_refused_even_with_the_role) {
    PlayedLab lab;
    lab.add_people();
    ASSERT_EQ(lab.run({"user", "add", "tess", "--replace", "--role", "tester", "--role",
                       "release-manager"})
                  .exit_code,
              0);
    ASSERT_EQ(lab.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const process::CommandResult refused = lab.run({"--as", "tess", "approve", lab.newest_id()});
    EXPECT_EQ(refused.exit_code, 4);
    EXPECT_THAT(refused.err, HasSubstr("separation of duties"));
}

TEST(Approval, of_a_rejected_or_an_unknown_run_is_not_to_be_had) {
    PlayedLab lab;
    lab.add_people();
    lab.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}},
              {"fail_after", {"nginx/front page answers"}}});
    ASSERT_EQ(lab.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 1);
    const process::CommandResult refused = lab.run({"--as", "bob", "approve", lab.newest_id()});
    EXPECT_EQ(refused.exit_code, 4);
    EXPECT_THAT(refused.err, HasSubstr("verdict (failed)"));
    EXPECT_EQ(lab.run({"--as", "bob", "approve", "r-20000101-0001"}).exit_code, 2);
    EXPECT_EQ(lab.run({"policy", "explain", "r-20000101-0001"}).exit_code, 2);
}

TEST(Approval, takes_a_waiver_where_something_is_missing) {
    PlayedLab lab;
    lab.add_people();
    const fs::path policy = lab.state() / "with-drill.yaml";
    write_file_atomic(policy,
                      "schema: patchlab/policy/v1\nname: with-drill\nplayed-runs: accepted\ndrill: "
                      "restore\napprovals: [{ role: release-manager }]\n");
    ASSERT_EQ(lab.run({"policy", "add", policy.string()}).exit_code, 0);
    ASSERT_EQ(lab.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const std::string run = lab.newest_id();
    EXPECT_EQ(type_of(explain(lab, run, 1), "drill"), "missing");
    EXPECT_EQ(lab.run({"--as", "bob", "approve", run}).exit_code, 4);
    const std::string soon = to_rfc3339(SystemClock().now() + std::chrono::hours(24));
    EXPECT_EQ(lab.run({"--as", "carol", "waive", run, "--requirement", "drill", "--reason",
                       "restored by hand", "--expires", "2020-01-01"})
                  .exit_code,
              2);
    EXPECT_EQ(lab.run({"--as", "carol", "waive", run, "--requirement", "drill", "--reason",
                       "restored by hand", "--expires", "2099-01-01"})
                  .exit_code,
              4);
    EXPECT_EQ(lab.run({"--as", "tess", "waive", run, "--requirement", "drill", "--reason", "mine",
                       "--expires", soon})
                  .exit_code,
              4);
    const process::CommandResult waived =
        lab.run({"--as", "carol", "waive", run, "--requirement", "drill", "--reason",
                 "restored by hand", "--expires", soon});
    EXPECT_EQ(waived.exit_code, 0) << waived.err;
    EXPECT_EQ(type_of(explain(lab, run, 1), "drill"), "waived");
    EXPECT_EQ(lab.run({"--as", "bob", "approve", run}).exit_code, 0);
    explain(lab, run, 0);
}

TEST(Approval, by_a_key_that_the_approver_keeps_takes_that_key) {
    PlayedLab lab;
    lab.add_people();
    const std::string key = (lab.state() / "bob.key").string();
    ASSERT_EQ(lab.run({"--as", "bob", "user", "key", "bob", "--generate", key}).exit_code, 0);
    ASSERT_EQ(lab.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const std::string run = lab.newest_id();
    EXPECT_EQ(lab.run({"--as", "bob", "approve", run}).exit_code, 4);
    EXPECT_EQ(lab.run({"--as", "bob", "approve", run, "--key", key}).exit_code, 0);
    EXPECT_EQ(lab.run({"--as", "carol", "approve", run, "--key", key}).exit_code, 4);
    explain(lab, run, 0);
}

TEST(PolicyVerbs, the_built_in_policy_takes_no_played_run) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    const Json decision = explain(lab, lab.newest_id(), 1);
    EXPECT_EQ(decision.at("policy").at("name"), "default");
    EXPECT_EQ(type_of(decision, "real-machines"), "failed");
    EXPECT_EQ(type_of(decision, "drill"), "missing");
}

TEST(PolicyVerbs, a_policy_is_checked_with_file_line_and_path) {
    PlayedLab lab;
    const fs::path file = lab.state() / "bad.yaml";
    write_file_atomic(
        file,
        "schema: patchlab/policy/v1\nname: bad\ndril: restore\napprovals: [{ role: tester }]\n");
    const process::CommandResult result = lab.run({"policy", "check", file.string()});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("bad.yaml:3: /dril"));
    EXPECT_THAT(result.err, HasSubstr("bad.yaml:4: /approvals/0/role"));
    EXPECT_EQ(lab.run({"policy", "add", file.string()}).exit_code, 2);
    EXPECT_EQ(parse_json(lab.run({"policy", "check", file.string(), "--json"}).out, "check")
                  .at("mistakes")
                  .size(),
              2U);
    EXPECT_EQ(lab.run({"policy", "check", (lab.state() / "none.yaml").string()}).exit_code, 2);
}

TEST(PolicyVerbs, only_an_administrator_puts_one_in_force_and_the_old_ones_stay) {
    PlayedLab lab;
    lab.add_people();
    EXPECT_EQ(lab.run({"--as", "bob", "policy", "add", "--builtin", "strict"}).exit_code, 4);
    EXPECT_EQ(lab.run({"policy", "add", "--builtin", "strict"}).exit_code, 0);
    const Json policies =
        parse_json(lab.run({"policy", "list", "--json"}).out, "policy list").at("policies");
    ASSERT_EQ(policies.size(), 2U);
    EXPECT_EQ(policies.at(0).at("name"), "played");
    EXPECT_TRUE(policies.at(1).at("in_force").get<bool>());
    EXPECT_THAT(lab.run({"policy", "show"}).out, HasSubstr("name: strict"));
    EXPECT_THAT(lab.run({"policy", "show", "played"}).out, HasSubstr("name: played"));
}

}  // namespace
}  // namespace patchlab::tests
