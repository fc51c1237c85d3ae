// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/verdict.hpp"
#include "platform/core/json.hpp"

#include <gtest/gtest.h>

namespace patchlab::pipeline {
namespace {

using testsuites::CheckResult;
using testsuites::Outcome;

std::vector<CheckResult> result(Outcome outcome) {
    CheckResult check;
    check.suite = "s";
    check.name = "n";
    check.outcome = outcome;
    return {check};
}

std::vector<Reason> reasons(Outcome before, std::vector<Outcome> controls, Outcome after) {
    std::vector<std::vector<CheckResult>> lists;
    for (const Outcome control : controls) lists.push_back(result(control));
    return reasons_of_checks(compare_checks("web", result(before), lists, result(after)));
}

TEST(Verdict, nothing_found_is_validated_and_exits_with_zero) {
    EXPECT_EQ(judge({}), Verdict::validated);
    EXPECT_EQ(exit_code(Verdict::validated), 0);
    EXPECT_EQ(exit_code(Verdict::rejected), 1);
    EXPECT_EQ(exit_code(Verdict::inconclusive), 3);
    EXPECT_EQ(exit_code(Verdict::needs_review), 5);
}

TEST(Verdict, a_fault_of_the_lab_neither_condemns_nor_clears) {
    const Reason fault{ReasonKind::lab_fault, "", "apply", "disk full", Effect::inconclusive};
    const Reason failure{ReasonKind::check_failed, "web", "s/n", "", Effect::rejects};
    EXPECT_EQ(judge({fault}), Verdict::inconclusive);
    EXPECT_EQ(judge({fault, failure}), Verdict::inconclusive);
}

TEST(Verdict, what_condemns_outweighs_what_could_not_be_observed_and_that_outweighs_a_review) {
    const Reason failure{ReasonKind::check_failed, "web", "s/n", "", Effect::rejects};
    const Reason unknown{ReasonKind::check_unknown, "web", "s/m", "", Effect::inconclusive};
    const Reason review{ReasonKind::sensitive_change, "web", "port tcp/1", "", Effect::review};
    EXPECT_EQ(judge({review, unknown, failure}), Verdict::rejected);
    EXPECT_EQ(judge({review, unknown}), Verdict::inconclusive);
    EXPECT_EQ(judge({review}), Verdict::needs_review);
}

TEST(CheckReasons, only_a_check_that_worked_without_the_patch_can_condemn_it) {
    EXPECT_EQ(judge(reasons(Outcome::pass, {Outcome::pass, Outcome::pass}, Outcome::fail)),
              Verdict::rejected);
    EXPECT_TRUE(reasons(Outcome::fail, {Outcome::fail}, Outcome::fail).empty());
    EXPECT_TRUE(
        reasons(Outcome::pass, {Outcome::pass, Outcome::fail}, Outcome::fail).empty());  // flaky
    EXPECT_TRUE(reasons(Outcome::fail, {Outcome::fail}, Outcome::pass).empty());
}

TEST(CheckReasons, a_check_that_passed_and_is_skipped_afterwards_is_never_fine) {
    EXPECT_EQ(judge(reasons(Outcome::pass, {Outcome::pass}, Outcome::skip)), Verdict::inconclusive);
    EXPECT_TRUE(reasons(Outcome::skip, {Outcome::skip}, Outcome::skip).empty());
}

TEST(CheckReasons, a_check_that_was_not_run_again_is_unknown) {
    const auto joined = compare_checks("web", result(Outcome::pass), {result(Outcome::pass)}, {});
    ASSERT_EQ(joined.size(), 1U);
    EXPECT_EQ(joined[0].after, Outcome::unknown);
    EXPECT_EQ(judge(reasons_of_checks(joined)), Verdict::inconclusive);
}

std::vector<CheckResult> printing(std::vector<std::string> lines) {
    std::vector<CheckResult> check = result(Outcome::pass);
    check[0].unchanged = true;
    check[0].lines = std::move(lines);
    return check;
}

TEST(CheckReasons, output_that_must_stay_condemns_when_it_differs_unless_it_differs_by_itself) {
    const auto before = printing({"orders|3", "users|2"});
    const auto lost = compare_checks("web", before, {before}, printing({"users|2"}));
    EXPECT_EQ(lost.at(0).after, Outcome::fail);
    EXPECT_NE(lost.at(0).detail.find("orders|3"), std::string::npos);
    EXPECT_EQ(judge(reasons_of_checks(lost)), Verdict::rejected);
    EXPECT_TRUE(reasons_of_checks(compare_checks("web", before, {before}, before)).empty());
    EXPECT_TRUE(
        reasons_of_checks(compare_checks("web", before, {before, printing({"orders|4", "users|2"})},
                                         printing({"orders|5", "users|2"})))
            .empty());
}

TEST(ChangeReasons, noise_gives_none_and_an_unexplained_change_asks_for_a_review) {
    snapshots::Change change;
    change.machine = "web";
    change.subject = "/srv/x";
    EXPECT_EQ(judge(reasons_of_changes({change})), Verdict::needs_review);
    change.attribution = snapshots::Attribution::noise();
    EXPECT_TRUE(reasons_of_changes({change}).empty());
    change.attribution = snapshots::Attribution::by("nginx");
    EXPECT_TRUE(reasons_of_changes({change}).empty());
    change.sensitive = true;
    EXPECT_EQ(reasons_of_changes({change}).at(0).kind, ReasonKind::sensitive_change);
}

TEST(ChangeReasons, a_package_taken_out_unannounced_rejects) {
    snapshots::Change change;
    change.cls = snapshots::ChangeClass::package;
    change.kind = snapshots::ChangeKind::removed;
    change.subject = "sudo:amd64";
    EXPECT_EQ(judge(reasons_of_changes({change})), Verdict::rejected);
    change.kind = snapshots::ChangeKind::changed;
    using snapshots::PackageStatus;
    change.before = snapshots::PackageState{"1.9", PackageStatus::installed, true};
    change.after = snapshots::PackageState{"1.9", PackageStatus::config_files};
    EXPECT_EQ(judge(reasons_of_changes({change})), Verdict::rejected)
        << "only its configuration is left";
    change.after = snapshots::PackageState{"1.9", PackageStatus::half_configured};
    EXPECT_EQ(judge(reasons_of_changes({change})), Verdict::needs_review);
}

TEST(HealthReasons, a_new_failed_unit_rejects_and_an_old_one_does_not) {
    snapshots::Capture before, after;
    before.health.failed_units = {"old.service"};
    after.health.failed_units = {"old.service", "new.service"};
    const auto found = reasons_of_health("web", before, {}, after);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].detail, "new.service");
    EXPECT_EQ(judge(found), Verdict::rejected);
}

Reason trouble(const std::string& subject, const std::string& detail,
               Effect effect = Effect::rejects) {
    return {subject.find('/') == std::string::npos ? ReasonKind::health : ReasonKind::check_failed,
            "web", subject, detail, effect};
}

TEST(TwoStarts, what_both_show_counts_as_it_is_and_what_one_shows_is_for_a_person) {
    const auto weighed = of_two(
        {trouble("base/no errors", "udev: a"), trouble("web/answers", "no answer"),
         trouble("failed unit", "a.service")},
        {trouble("base/no errors", "kernel: b"), trouble("failed unit", "b.service")}, "starts");
    ASSERT_EQ(weighed.size(), 4U);
    EXPECT_EQ(weighed[0].effect, Effect::rejects) << "the check fails each time, whatever it says";
    EXPECT_TRUE(weighed[0].seen_twice);
    EXPECT_FALSE(weighed[1].seen_twice);
    EXPECT_EQ(weighed[1].effect, Effect::review);
    EXPECT_EQ(told(weighed[1]), "in one of two starts: no answer");
    EXPECT_EQ(weighed[2].effect, Effect::review) << "another unit is another trouble";
    EXPECT_EQ(told(weighed[3]), "in one of two starts: b.service");
    EXPECT_EQ(weighed[3].effect, Effect::review);
}

TEST(SecondTrial, decides_where_all_that_condemns_may_be_chance) {
    const Reason version{ReasonKind::wrong_version, "web", "hello", "1.5", Effect::rejects};
    const Reason install{ReasonKind::apply_failed, "web", "hello", "exit 100", Effect::rejects};
    const Reason port{ReasonKind::sensitive_change, "web", "port tcp/4444", "added",
                      Effect::review};
    const Reason failed = trouble("web/answers", "no answer");
    EXPECT_FALSE(needs_second_trial({}, false));
    EXPECT_FALSE(needs_second_trial({port}, false)) << "nothing condemns";
    EXPECT_TRUE(needs_second_trial({port, failed}, false));
    EXPECT_FALSE(needs_second_trial({failed, version}, false)) << "condemned for certain";
    EXPECT_FALSE(needs_second_trial({failed}, true)) << "another start is cheaper";
    EXPECT_TRUE(needs_second_trial({install}, true))
        << "an installation is not repeated by a start";
    Reason twice = failed;
    twice.seen_twice = true;
    EXPECT_FALSE(needs_second_trial({twice}, false));
}

TEST(SecondTrial, an_installation_that_fails_twice_condemns_whatever_it_said) {
    const Reason once{ReasonKind::apply_failed, "web", "hello", "exit 100: no space",
                      Effect::rejects},
        again{ReasonKind::apply_failed, "web", "hello", "exit 100: killed", Effect::rejects};
    const auto weighed = of_two({once}, {again}, "trials");
    ASSERT_EQ(weighed.size(), 1U);
    EXPECT_EQ(weighed[0].effect, Effect::rejects);
    EXPECT_TRUE(reason_from_json(to_json(weighed[0])).seen_twice);
}

TEST(TwoStarts, a_check_without_an_answer_stays_inconclusive_and_other_reasons_stay) {
    const Reason port{ReasonKind::sensitive_change, "web", "port tcp/4444", "added",
                      Effect::review};
    const Reason silent{ReasonKind::check_unknown, "web", "web/answers", "", Effect::inconclusive};
    const auto weighed = of_two({port}, {silent}, "starts");
    ASSERT_EQ(weighed.size(), 2U);
    EXPECT_EQ(weighed[0].detail, "added");
    EXPECT_EQ(weighed[1].effect, Effect::inconclusive);
}

}  // namespace
}  // namespace patchlab::pipeline
