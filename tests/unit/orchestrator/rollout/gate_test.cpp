// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/gate/gate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/rollout/gate/gate_suites.hpp"
#include "testsuites/loader.hpp"

namespace patchlab::rollout {
namespace {

using assessment::Baseline;
using assessment::baseline_from_json;
using assessment::baseline_of;
using assessment::checks_over_the_past;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testsuites::CheckResult;
using testsuites::Outcome;

/// nginx 2 over 1, and a library that is new.
Goods goods() {
    Goods goods;
    goods.entry.packages = {
        {"nginx",
         "amd64",
         "deb",
         {"nginx_2.deb", "2", "", 1},
         {{"nginx_1.deb", "1", "", 1}},
         true,
         false},
        {"libnew", "amd64", "deb", {"libnew_2.deb", "2", "", 1}, {}, false, true}};
    goods.forward = {{"nginx", "amd64", "deb", "2", "", "/n"},
                     {"libnew", "amd64", "deb", "2", "", "/l"}};
    goods.back = {{"nginx", "amd64", "deb", "1", "", "/o"}};
    return goods;
}

CheckResult check(const std::string& name, Outcome outcome) {
    CheckResult result;
    result.suite = "base";
    result.name = name;
    result.outcome = outcome;
    return result;
}

Judgement judged(Outcome before, Outcome after, const std::set<std::string>& lab = {"base/a"}) {
    return judge_checks(baseline_of({check("a", before), check("b", Outcome::pass)}, {}),
                        {check("a", after), check("b", Outcome::pass)}, lab);
}

TEST(Gate, a_host_with_a_kept_old_version_gets_everything_and_goes_back_exactly) {
    const InstalledPackages before{{"nginx", "1"}, {"libnew", ""}};
    EXPECT_EQ(action_for(goods(), before, false).kind, HostAction::Kind::install);
    EXPECT_EQ(packages_for(goods(), before).size(), 2U);
    const assessment::BackoutPlan plan = backout_plan_of(goods(), before);
    EXPECT_EQ(plan.obstacle(), "");
    ASSERT_EQ(packages_of(goods(), plan).size(), 1U);
    EXPECT_EQ(packages_of(goods(), plan)[0].version, "1");
    EXPECT_EQ(packages_of(goods(), plan)[0].file, "/o");
    EXPECT_THAT(plan.removals, ElementsAre("libnew"));
}

TEST(Gate, a_package_that_was_there_before_is_not_taken_away) {
    EXPECT_THAT(backout_plan_of(goods(), {{"nginx", "1"}, {"libnew", "2"}}).removals, IsEmpty());
}

TEST(Gate, leaves_alone_what_is_newer_or_has_no_exact_way_back) {
    EXPECT_EQ(action_for(goods(), {{"nginx", "3"}}, false).kind, HostAction::Kind::skip);
    EXPECT_THAT(action_for(goods(), {{"nginx", "3"}}, true).why, HasSubstr("newer"));
    EXPECT_THAT(action_for(goods(), {{"nginx", "0.9"}}, false).why, HasSubstr("no exact way back"));
    EXPECT_EQ(action_for(goods(), {{"nginx", "0.9"}}, true).kind, HostAction::Kind::install);
    EXPECT_THAT(backout_plan_of(goods(), {{"nginx", "0.9"}}).obstacle(),
                HasSubstr("nginx 0.9 was not kept"));
}

TEST(Gate, needs_nothing_where_all_of_it_or_none_of_it_is) {
    EXPECT_EQ(action_for(goods(), {{"nginx", "2"}, {"libnew", "2"}}, false).kind,
              HostAction::Kind::not_needed);
    EXPECT_EQ(action_for(goods(), {{"nginx", ""}, {"libnew", ""}}, false).kind,
              HostAction::Kind::not_needed);
}

TEST(Gate, a_check_that_passed_in_the_lab_and_fails_here_disagrees) {
    const Judgement judgement = judged(Outcome::pass, Outcome::fail);
    EXPECT_FALSE(judgement.passed());
    EXPECT_TRUE(judgement.disagrees());
    EXPECT_FALSE(judged(Outcome::pass, Outcome::fail, {}).disagrees());
}

TEST(Gate, a_check_that_failed_before_is_not_blamed_on_the_patch) {
    EXPECT_TRUE(judged(Outcome::fail, Outcome::fail).passed());
    EXPECT_TRUE(judged(Outcome::fail, Outcome::pass).passed());
}

TEST(Gate, unknown_or_skipped_afterwards_is_no_pass) {
    for (const Outcome after : {Outcome::unknown, Outcome::skip}) {
        EXPECT_FALSE(judged(Outcome::pass, after).passed());
        EXPECT_FALSE(judged(Outcome::pass, after).disagrees());
    }
    EXPECT_FALSE(judge_checks(baseline_of({check("a", Outcome::pass)}, {}), {}, {}).passed())
        << "it was not run at all";
    EXPECT_TRUE(judged(Outcome::unknown, Outcome::unknown).passed());
    EXPECT_FALSE(judged(Outcome::unknown, Outcome::unknown).proven);
}

TEST(Gate, a_failure_whose_state_before_is_unknown_fails_without_accusing_the_lab) {
    EXPECT_FALSE(judged(Outcome::unknown, Outcome::fail).passed());
    EXPECT_FALSE(judged(Outcome::unknown, Outcome::fail).disagrees());
}

/// What a person looks for is the check of the suite that knows the service, not the general one
/// that complains of its log.
TEST(Gate, tells_the_most_specific_failure_first_and_each_in_a_line_of_its_own) {
    CheckResult general = check("no errors in the journal", Outcome::fail);
    general.detail = std::string(900, 'j') + " the end";
    CheckResult specific = check("front page answers", Outcome::fail);
    specific.suite = "nginx";
    specific.detail = "duplicate directive\nin site.conf:1";
    CheckResult before_general = general, before_specific = specific;
    before_general.outcome = before_specific.outcome = Outcome::pass;
    const Judgement judgement =
        judge_checks(baseline_of({before_general, before_specific}, {}), {general, specific},
                     {"base/no errors in the journal", "nginx/front page answers"});
    const std::string text = judgement.text();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_TRUE(text.starts_with("check-failed: nginx/front page answers")) << text;
    EXPECT_THAT(text, HasSubstr("site.conf:1"));
    EXPECT_THAT(text, HasSubstr("the end")) << "nothing is cut";
}

TEST(Gate, nothing_but_skipped_checks_proves_nothing) {
    const Judgement judgement =
        judge_checks(baseline_of({check("a", Outcome::skip)}, {}), {check("a", Outcome::skip)}, {});
    EXPECT_TRUE(judgement.passed());
    EXPECT_FALSE(judgement.proven);
}

TEST(Gate, output_that_must_stay_the_same_is_compared) {
    CheckResult then = check("a", Outcome::pass);
    then.unchanged = true;
    then.lines = {"one", "two"};
    CheckResult now = then;
    const Baseline kept = baseline_from_json(to_json(baseline_of({then}, {})));
    EXPECT_TRUE(judge_checks(kept, {now}, {}).passed());
    now.lines = {"one", "three"};
    EXPECT_FALSE(judge_checks(kept, {now}, {}).passed());
}

Observation seen(const InstalledPackages& installed, const std::string& boot = "b1") {
    Observation observation;
    observation.answer = Answer::done;
    observation.installed = installed;
    observation.boot_id = boot;
    observation.checks = {check("a", Outcome::pass)};
    return observation;
}

TEST(Gate, exactly_the_tested_versions_must_be_there) {
    const InstalledPackages before{{"nginx", "1"}, {"libnew", ""}};
    const Baseline baseline = baseline_of({check("a", Outcome::pass)}, {});
    EXPECT_TRUE(judge_installed(goods(), before, "b1", baseline,
                                seen({{"nginx", "2"}, {"libnew", "2"}}), {})
                    .proven);
    EXPECT_THAT(judge_installed(goods(), before, "b1", baseline,
                                seen({{"nginx", "2.1"}, {"libnew", "2"}}), {})
                    .text(),
                HasSubstr("wrong-version: nginx is 2.1, not 2"));
    EXPECT_THAT(judge_installed(goods(), before, "b1", baseline, seen({{"nginx", "2"}}), {}).text(),
                HasSubstr("libnew is not installed"));
    Observation blind = seen({});
    blind.installed.reset();
    EXPECT_FALSE(judge_installed(goods(), before, "b1", baseline, blind, {}).passed());
    Observation lost = seen({{"nginx", "2"}, {"libnew", "2"}});
    lost.answer = Answer::unknown;
    EXPECT_THAT(judge_installed(goods(), before, "b1", baseline, lost, {}).text(),
                HasSubstr("lost"));
}

TEST(Gate, a_reboot_that_was_asked_for_is_proven_by_another_boot_id) {
    Goods kernel = goods();
    kernel.entry.patches.push_back({});
    kernel.entry.patches.back().reboot = true;
    const InstalledPackages before{{"nginx", "1"}}, after{{"nginx", "2"}, {"libnew", "2"}};
    const Baseline baseline = baseline_of({check("a", Outcome::pass)}, {});
    EXPECT_TRUE(judge_installed(kernel, before, "b1", baseline, seen(after, "b2"), {}).passed());
    for (const char* boot : {"b1", ""})
        EXPECT_THAT(judge_installed(kernel, before, "b1", baseline, seen(after, boot), {}).text(),
                    HasSubstr("not-rebooted"));
}

TEST(Gate, back_means_exactly_as_before) {
    const InstalledPackages before{{"nginx", "1"}, {"libnew", ""}};
    const Baseline baseline = baseline_of({check("a", Outcome::pass)}, {});
    EXPECT_TRUE(
        judge_backed_out(goods(), before, {}, baseline, seen({{"nginx", "1"}, {"libnew", ""}}))
            .passed());
    EXPECT_THAT(
        judge_backed_out(goods(), before, {}, baseline, seen({{"nginx", "1"}, {"libnew", "2"}}))
            .text(),
        HasSubstr("it was not there before"));
    EXPECT_FALSE(
        judge_backed_out(goods(), before, {}, baseline, seen({{"nginx", "2"}, {"libnew", ""}}))
            .passed());
}

TEST(Gate, blames_the_way_back_only_for_what_is_new_in_the_past_of_a_host) {
    const InstalledPackages before{{"nginx", "1"}, {"libnew", ""}};
    const auto told = [](std::vector<std::string> lines) {
        CheckResult result =
            check("no errors in the journal", lines.empty() ? Outcome::pass : Outcome::fail);
        result.lines = std::move(lines);
        return result;
    };
    const auto units = [](Outcome outcome) {
        CheckResult result = check("no failed units", outcome);
        if (outcome == Outcome::fail) result.lines = {"nginx.service"};
        return result;
    };
    testsuites::Suite suite{"base", "", {}, ""};
    suite.checks.push_back(
        {"no errors in the journal", testsuites::BuiltinCheck{"journal-errors"}});
    suite.checks.push_back({"no failed units", testsuites::BuiltinCheck{"failed-units"}});
    Baseline baseline = baseline_of({told({}), units(Outcome::pass)}, {});
    baseline.remember_history({told({"nginx: cannot start"}), units(Outcome::fail)},
                              checks_over_the_past({suite}));
    baseline = baseline_from_json(to_json(baseline));
    Observation back = seen(before);
    back.checks = {told({"nginx: cannot start"}), units(Outcome::pass)};
    EXPECT_EQ(judge_backed_out(goods(), before, {}, baseline, back).text(), "");
    back.checks = {told({"nginx: cannot start", "disk: full"}), units(Outcome::pass)};
    EXPECT_THAT(judge_backed_out(goods(), before, {}, baseline, back).text(), HasSubstr("journal"));
    back.checks = {told({"nginx: cannot start"}), units(Outcome::fail)};
    EXPECT_THAT(judge_backed_out(goods(), before, {}, baseline, back).text(),
                HasSubstr("failed units"))
        << "what fails now is no history";
    Observation patched = seen({{"nginx", "2"}, {"libnew", "2"}});
    patched.checks = {told({"nginx: cannot start"}), units(Outcome::pass)};
    EXPECT_FALSE(judge_installed(goods(), before, "", baseline, patched, {}).passed())
        << "with the patch on it is no excuse";
}

TEST(Gate, a_host_that_had_started_anew_must_do_so_again_on_its_way_back) {
    Goods kernel = goods();
    kernel.entry.patches.push_back({});
    kernel.entry.patches.back().reboot = true;
    const InstalledPackages before{{"nginx", "1"}, {"libnew", ""}};
    const Baseline baseline = baseline_of({check("a", Outcome::pass)}, {});
    EXPECT_THAT(judge_backed_out(kernel, before, {"b1", "b2"}, baseline, seen(before, "b2")).text(),
                HasSubstr("not-rebooted"));
    EXPECT_FALSE(
        judge_backed_out(kernel, before, {"b1", "b2"}, baseline, seen(before, "")).passed());
    EXPECT_TRUE(
        judge_backed_out(kernel, before, {"b1", "b2"}, baseline, seen(before, "b3")).passed());
    EXPECT_TRUE(
        judge_backed_out(kernel, before, {"b1", "b1"}, baseline, seen(before, "b1")).passed())
        << "it never ran the new one";
}

TEST(Gate, tells_how_far_an_installation_came) {
    const InstalledPackages before{{"nginx", "1"}, {"libnew", ""}};
    EXPECT_EQ(reached(goods(), before, InstalledPackages{{"nginx", "1"}}), Reached::untouched);
    EXPECT_EQ(reached(goods(), before, InstalledPackages{{"nginx", "2"}}), Reached::part);
    EXPECT_EQ(reached(goods(), before, InstalledPackages{{"nginx", "2"}, {"libnew", "2"}}),
              Reached::all);
    EXPECT_EQ(reached(goods(), before, std::nullopt), Reached::unknown);
}

TEST(Gate, tells_what_is_ill_before_the_patch) {
    EXPECT_EQ(baseline_of({check("a", Outcome::pass), check("b", Outcome::skip)}, {}).unhealthy({}),
              "");
    EXPECT_THAT(
        baseline_of({check("a", Outcome::fail), check("b", Outcome::unknown)}, {}).unhealthy({}),
        HasSubstr("base/a fails before the patch, base/b is unknown"));
}

TEST(SuitesOfGate, are_without_the_checks_that_are_only_asked_of_clones) {
    const testsuites::Suite whole = testsuites::builtin_suite("nginx");
    const auto suites = suites_of_gate(
        {{"suites", {{{"name", "nginx"}, {"yaml", testsuites::builtin_suite_source("nginx")}}}}});
    ASSERT_EQ(suites.size(), 1U);
    std::vector<std::string> left_out;
    for (const testsuites::Check& check : whole.checks)
        if (check.lab_only) left_out.push_back(check.name);
    EXPECT_THAT(left_out, ElementsAre("reads its configuration again", "serves after that"));
    EXPECT_EQ(suites[0].checks.size() + left_out.size(), whole.checks.size());
    for (const testsuites::Check& check : suites[0].checks)
        EXPECT_FALSE(check.lab_only) << check.name;
}

}  // namespace
}  // namespace patchlab::rollout
