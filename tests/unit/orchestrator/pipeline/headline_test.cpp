// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/headline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/pipeline/lab/unpatched_record.hpp"

namespace patchlab::pipeline {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string headline(std::vector<Reason> reasons) {
    sort_by_cause(reasons);
    return summary(judge(reasons), reasons, 1, 0);
}

/// A lab with the machine "web", whose suite asks whether nginx runs and what it answers.
std::vector<MachineRequest> web() {
    testsuites::Suite suite;
    suite.name = "nginx";
    suite.checks.push_back({"unit is active", testsuites::ServiceCheck{"nginx"}});
    suite.checks.push_back({"is off", testsuites::ServiceCheck{"old", "inactive"}});
    suite.checks.push_back({"front page answers", testsuites::HttpCheck{"http://127.0.0.1/"}});
    MachineRequest machine;
    machine.definition.name = "web";
    machine.suites = {suite};
    return {machine};
}

Reason failed_check(const std::string& check, bool after_reboot) {
    Reason reason{ReasonKind::check_failed, "web", "nginx/" + check, "is inactive",
                  Effect::rejects};
    reason.after_reboot = after_reboot;
    return reason;
}

Reason drill(Effect effect) {
    return {ReasonKind::drill_failed, "", "back to the old versions",
            "does not work again: web: nginx/unit is active", effect};
}

TEST(Headline, names_what_the_patch_broke_before_what_the_drill_could_not_restore) {
    std::vector<Reason> reasons{drill(Effect::rejects), failed_check("front page answers", true),
                                failed_check("unit is active", true)};
    name_services(reasons, web());
    EXPECT_THAT(headline(reasons),
                StartsWith("The patch does harm: web: nginx does not start after the reboot"));
}

TEST(Headline, names_the_change_before_the_drill) {
    const Reason port{ReasonKind::sensitive_change, "web", "port tcp/4444", "added",
                      Effect::review};
    EXPECT_THAT(headline({drill(Effect::review), port}),
                HasSubstr("2 findings, the first: sensitive change on web: port tcp/4444 (added)"));
}

TEST(Headline, says_what_changed_in_one_clause_without_digests) {
    Reason file{ReasonKind::sensitive_change, "web", "file /etc/x", "added: a file",
                Effect::review};
    file.event = "new file /etc/x (25 bytes), from libssl3";
    EXPECT_EQ(headline({file}),
              "1 sensitive change on web: new file /etc/x (25 bytes), from libssl3.");
    EXPECT_EQ(headline({file, file}),
              "2 sensitive changes, the first on web: new file /etc/x (25 bytes), from libssl3.");
    file.event = "file /etc/x changed (" + std::string(64, 'a') + ")";
    EXPECT_THAT(headline({file}), HasSubstr("(aaaaaaaaaaaa…)"));
}

TEST(Headline, names_what_decides_even_when_a_milder_cause_is_known) {
    const Reason port{ReasonKind::sensitive_change, "web", "port tcp/4444", "added",
                      Effect::review};
    EXPECT_THAT(headline({port, drill(Effect::rejects)}),
                HasSubstr("harm: the drill failed on the way back to the old versions"));
}

TEST(Headline, names_a_service_only_where_the_check_asks_whether_it_runs) {
    std::vector<Reason> reasons{failed_check("unit is active", false),
                                failed_check("is off", false),
                                failed_check("front page answers", false)};
    name_services(reasons, web());
    EXPECT_EQ(reasons[0].service, "nginx");
    EXPECT_EQ(reasons[1].service, "") << "it must not run";
    EXPECT_EQ(reasons[2].service, "");
    EXPECT_THAT(headline(reasons), HasSubstr("nginx does not run with the patch (is inactive)"));
}

TEST(Headline, names_a_unit_that_failed) {
    Reason unit{ReasonKind::health, "web", failed_unit, "nginx.service", Effect::rejects};
    unit.after_reboot = true;
    EXPECT_EQ(headline({failed_check("front page answers", true), unit}),
              "The patch does harm: web: nginx.service does not start after the reboot.");
}

TEST(Headline, says_when_only_one_start_showed_it) {
    Reason check = failed_check("front page answers", true);
    check.effect = Effect::review;
    check.one_of_two = "starts";
    EXPECT_THAT(headline({check}), HasSubstr("the check nginx/front page answers fails, only after "
                                             "the next reboot, in one of two starts"));
}

TEST(Headline, blames_the_lab_before_what_was_not_seen_because_of_it) {
    const Reason unseen{ReasonKind::not_observed, "web", "checks", "not seen",
                        Effect::inconclusive};
    const Reason fault{ReasonKind::lab_fault, "", "test", "No space left on device",
                       Effect::inconclusive};
    EXPECT_THAT(headline({unseen, fault}),
                HasSubstr("the lab failed at 'test' (No space left on device)"));
}

}  // namespace
}  // namespace patchlab::pipeline
