// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/assessment/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::assessment {
namespace {

using ::testing::HasSubstr;
using testsuites::CheckResult;
using testsuites::Outcome;

CheckResult check(Outcome outcome, std::vector<std::string> lines = {}, bool unchanged = false) {
    CheckResult result;
    result.suite = "s";
    result.name = "n";
    result.outcome = outcome;
    result.lines = std::move(lines);
    result.unchanged = unchanged;
    return result;
}

CheckFinding in_the_lab(const CheckResult& before, const CheckResult& after,
                        const std::vector<std::vector<CheckResult>>& controls = {}) {
    return finding_of(compare_checks("web", {before}, controls, {after}).at(0));
}

CheckFinding in_production(const CheckResult& before, const CheckResult& after) {
    const Baseline kept = baseline_from_json(to_json(baseline_of({before}, {})));
    return finding_of(compare_checks(kept, {after}).at(0));
}

TEST(CheckRule, blames_the_patch_only_for_what_worked_without_it) {
    EXPECT_EQ(in_the_lab(check(Outcome::pass), check(Outcome::fail)), CheckFinding::broken);
    EXPECT_EQ(in_the_lab(check(Outcome::fail), check(Outcome::fail)), CheckFinding::nothing);
    EXPECT_EQ(in_the_lab(check(Outcome::unknown), check(Outcome::fail)), CheckFinding::failing);
    EXPECT_EQ(in_the_lab(check(Outcome::pass), check(Outcome::skip)), CheckFinding::silent);
    EXPECT_EQ(in_the_lab(check(Outcome::pass), check(Outcome::fail),
                         {{check(Outcome::pass)}, {check(Outcome::fail)}}),
              CheckFinding::nothing)
        << "it is flaky";
}

TEST(CheckRule, a_check_that_was_not_run_any_more_is_silent) {
    EXPECT_EQ(finding_of(compare_checks("web", {check(Outcome::pass)}, {}, {}).at(0)),
              CheckFinding::silent);
    EXPECT_EQ(finding_of(compare_checks(baseline_of({check(Outcome::pass)}, {}), {}).at(0)),
              CheckFinding::silent);
}

RC_GTEST_PROP(CheckRuleProperty, is_the_same_in_the_lab_and_in_production, ()) {
    const auto outcome =
        rc::gen::element(Outcome::pass, Outcome::fail, Outcome::skip, Outcome::unknown);
    const auto lines = rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("one", "two", ""));
    const bool unchanged = *rc::gen::arbitrary<bool>();
    const CheckResult before = check(*outcome, *lines, unchanged);
    const CheckResult after = check(*outcome, *lines, unchanged);
    RC_ASSERT(in_the_lab(before, after) == in_production(before, after));
}

TEST(CheckRule, what_happened_with_the_patch_on_is_no_fault_of_the_backout) {
    Baseline baseline = baseline_of({check(Outcome::pass)}, {});
    baseline.remember_history({check(Outcome::fail, {"nginx: cannot start"})}, {"s/n"});
    const auto after = [](std::vector<std::string> lines) {
        return std::vector{check(Outcome::fail, std::move(lines))};
    };
    EXPECT_EQ(finding_of(compare_checks(baseline, after({"nginx: cannot start"})).at(0)),
              CheckFinding::nothing);
    EXPECT_EQ(
        finding_of(compare_checks(baseline, after({"nginx: cannot start", "disk full"})).at(0)),
        CheckFinding::broken);
    EXPECT_EQ(finding_of(compare_checks(baseline, after({})).at(0)), CheckFinding::broken);
    EXPECT_EQ(finding_of(
                  compare_checks(baseline.without_history(), after({"nginx: cannot start"})).at(0)),
              CheckFinding::broken);
}

/// A host that has been up for weeks has errors in its journal; only what comes new counts.
TEST(CheckRule, an_old_complaint_over_the_past_is_no_illness_and_a_new_one_is_the_patchs) {
    const auto said = [](std::vector<std::string> lines) {
        return std::vector{check(Outcome::fail, std::move(lines))};
    };
    const auto before = said({"sshd: reset by 10.0.0.1 port 4711"});
    EXPECT_THAT(baseline_of(before, {}).unhealthy(before), HasSubstr("s/n fails"));
    const Baseline baseline = baseline_from_json(to_json(baseline_of(before, {"s/n"})));
    EXPECT_EQ(baseline.unhealthy(before), "");
    const auto finding = [&](std::vector<std::string> lines) {
        return finding_of(compare_checks(baseline.without_history(), said(std::move(lines))).at(0));
    };
    EXPECT_EQ(finding({"sshd: reset by 10.0.0.7 port 99"}), CheckFinding::nothing);
    EXPECT_EQ(finding({"sshd: reset by 10.0.0.1 port 4711", "nginx: cannot start"}),
              CheckFinding::broken);
    EXPECT_EQ(finding_of(compare_checks(baseline, {check(Outcome::pass)}).at(0)),
              CheckFinding::nothing);
}

TEST(Baseline, whose_list_was_cut_leaves_the_host_ill) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < testsuites::max_observed_lines; ++i)
        lines.push_back(std::string(i + 1, 'x'));
    const std::vector said{check(Outcome::fail, lines)};
    EXPECT_NE(baseline_of(said, {"s/n"}).unhealthy(said), "");
}

TEST(Baseline, tells_what_an_ill_check_said) {
    CheckResult ill = check(Outcome::fail);
    ill.detail = "nginx.service is dead";
    EXPECT_EQ(baseline_of({ill}, {}).unhealthy({ill}),
              "s/n fails before the patch (nginx.service is dead)");
}

TEST(Baseline, is_stored_as_outcome_printed_digest_and_history) {
    Baseline baseline = baseline_of({check(Outcome::pass, {"one"}, true)}, {});
    baseline.remember_history({check(Outcome::fail, {"two"})}, {"s/n"});
    const Json json = to_json(baseline);
    // printf 'one\n' | sha256sum, printf two | sha256sum
    EXPECT_EQ(json, (Json{{"s/n", "pass 2c8b08da5ce60398 +3fc4ccfe745870e2"}}));
    EXPECT_EQ(to_json(baseline_from_json(json)), json);
}

TEST(Baseline, refuses_what_it_never_wrote) {
    for (const char* text : {"", "perhaps", "pass 12", "pass 2c8b08da5ce60398 3fc4ccfe745870e2",
                             "pass +2C8B08DA5CE60398"})
        EXPECT_THROW(baseline_from_json({{"s/n", text}}), Error) << text;
}

}  // namespace
}  // namespace patchlab::assessment
