// SPDX-License-Identifier: Apache-2.0
//
// What hosts' answers mean, true, odd and forged ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/rollout/push/host_answer.hpp"

namespace patchlab::rollout {
namespace {

using inventory::AnsibleEnd;
using ::testing::HasSubstr;

const std::string first_boot = "11111111-1111-4111-8111-111111111111",
                  second_boot = "22222222-2222-4222-8222-222222222222";

class PushAnswer : public ::testing::Test {
  protected:
    PushAnswer() {
        order_.step = Step::install;
        order_.packages = {"nginx"};
        testsuites::Suite suite;
        suite.name = "web";
        testsuites::Check check;
        check.name = "answers";
        check.body = testsuites::TcpCheck{};
        suite.checks = {check};
        order_.suites = {suite};
        host_ = {"web", {{"nginx", "amd64", "deb", "2", std::string(64, 'a'), "/x"}}, {}, false};
        say("begin", "boot " + first_boot + "\nneeded yes\nrebooted no");
        say("start", "started");
        say("wait", "ended 0 ");
        say("look", look("installed 2"));
        say("checks", "");
        result_.end = AnsibleEnd::ok;
    }
    static std::string look(const std::string& state, const std::string& boot = first_boot) {
        return "boot " + boot + "\nreboot-required no\npackage nginx " + state + "\nlooked";
    }
    void say(const char* task, const std::string& text) {
        result_.result[task] = {{"stdout", text}, {"rc", 0}};
    }
    Observation seen() { return observation_of(order_, host_, "cafe", result_); }
    void expect_failed(const std::string& why) {
        EXPECT_EQ(seen().answer, Answer::failed);
        EXPECT_THAT(seen().detail, HasSubstr(why));
    }

    Order order_;
    HostOrder host_;
    inventory::AnsibleResult result_;
};

TEST_F(PushAnswer, a_step_is_done_when_it_ended_well_and_the_versions_are_seen) {
    EXPECT_EQ(seen().answer, Answer::done);
    EXPECT_EQ(seen().installed->at("nginx"), "2");
    EXPECT_EQ(seen().boot_id, first_boot);
    EXPECT_FALSE(seen().reboot_required);
}

TEST_F(PushAnswer, a_journal_is_read_whole_or_not_at_all) {
    const std::string counts =
        "vital failed-units 0 3 0\nvital restarts 12 1 2\nvital crashes 0 0 "
        "0\nvital kernel-errors 4 0 1\n";
    order_.step = Step::inspect;
    say("vitals", "history 86400\nwatched 1800\n" + counts + "told");
    EXPECT_FALSE(seen().vitals) << "nobody asked for it";
    order_.watched = WatchedTime{Seconds(3600), Seconds(1800)};
    ASSERT_TRUE(seen().vitals);
    EXPECT_EQ(seen().vitals->of(assessment::Vital::restarts).before, 12U);
    EXPECT_EQ(seen().vitals->after_seconds, 1800);
    say("vitals", "history 86400\nwatched 1800\n" + counts);
    EXPECT_FALSE(seen().vitals) << "it did not come to its end";
    say("vitals", "history 86400\nwatched 1800\nvital failed-units 0 -3 0\n" + counts + "told");
    EXPECT_FALSE(seen().vitals) << "two lines say different things";
    say("vitals", "history 99999999999999999999\nwatched 1800\n" + counts + "told");
    EXPECT_FALSE(seen().vitals);
}

TEST_F(PushAnswer, for_how_long_services_were_away_is_told_by_the_host) {
    say("outage", "outage 2.250\ntold");
    EXPECT_EQ(seen().outage_seconds, 2.25);
    for (const char* text : {"told", "outage -1.000\ntold", "outage 2.250", "outage 1e9\ntold"}) {
        say("outage", text);
        EXPECT_FALSE(seen().outage_seconds) << text;
    }
}

TEST_F(PushAnswer, a_good_end_with_another_version_is_a_failure) {
    say("look", look("installed 1"));
    expect_failed("nginx is 1, not 2");
    say("look", look(""));
    expect_failed("nginx is not installed, not 2");
    say("look", look("half-configured 2"));
    expect_failed("nginx is 2 (half-configured), not 2");
    say("look", look("config-files 2"));
    EXPECT_EQ(seen().installed->at("nginx"), "");
}

TEST_F(PushAnswer, what_was_refused_or_failed_says_why) {
    say("start", "refused nginx_amd64.deb has not the sha256 that was ordered");
    expect_failed("sha256");
    say("start", "started");
    say("wait", "ended 77 apt would also remove bash");
    expect_failed("apt would also remove bash");
}

TEST_F(PushAnswer, an_end_that_was_not_seen_is_unknown_once_something_may_have_been_done) {
    say("wait", "still running");
    EXPECT_EQ(seen().answer, Answer::unknown);
    const Json before = result_.result;
    say("begin", "busy an earlier installation has not ended within 5 s");
    EXPECT_EQ(seen().answer, Answer::unknown) << "it may be this very order that is at work";
    EXPECT_THAT(seen().detail, HasSubstr("earlier installation"));
    result_.result = before;
    result_.result.erase("wait");
    result_.result.erase("look");
    result_.end = AnsibleEnd::unreachable;
    result_.detail = "connection lost";
    EXPECT_EQ(seen().answer, Answer::unknown);
    EXPECT_EQ(seen().detail, "connection lost");
    result_.result = Json::object();
    EXPECT_EQ(seen().answer, Answer::unreachable);
    result_.end = AnsibleEnd::unknown;
    EXPECT_EQ(seen().answer, Answer::unknown);
}

TEST_F(PushAnswer, a_reboot_counts_by_another_boot_id_alone) {
    host_.reboot = true;
    result_.result["reboot"] = {{"rebooted", true}};
    expect_failed("not rebooted");
    say("look", look("installed 2", second_boot));
    EXPECT_EQ(seen().answer, Answer::done);
    result_.result["reboot"] = {{"skipped", true}};
    expect_failed("not rebooted");
    say("begin", "boot " + second_boot + "\nneeded no\nrebooted yes");
    EXPECT_EQ(seen().answer, Answer::done) << "it was rebooted for this order before";
    say("look", look("installed 2", "no id"));
    EXPECT_EQ(seen().boot_id, "");
}

TEST_F(PushAnswer, forged_odd_and_missing_lines_are_not_observations) {
    const std::string good = look("installed 2");
    const std::string odd[] = {"",
                               "looked",
                               good + "\npackage nginx installed 2",
                               good + "\npackage bash installed 5",
                               "package nginx installed 2\n" + good,
                               look("installed"),
                               look("installed 2 3"),
                               look("installed $(id)"),
                               look("INSTALLED 2"),
                               look("mixed"),
                               good.substr(0, good.rfind('\n')),
                               look(std::string(100000, 'x')),
                               look("installed " + std::string(1000, '2')),
                               "package nginx",
                               look("installed\t2")};
    for (const std::string& text : odd) {
        say("look", text);
        EXPECT_FALSE(seen().installed) << text.substr(0, 100);
        EXPECT_EQ(seen().answer, Answer::failed);
    }
    say("look", good);
    say("begin", "needed yes\nneeded no\nrebooted yes");
    EXPECT_EQ(seen().answer, Answer::failed) << "two answers are none";
}

TEST_F(PushAnswer, results_of_any_other_shape_are_survived) {
    for (const char* task : {"begin", "start", "wait", "look", "checks", "reboot"})
        for (const Json& shape : {Json(), Json(1), Json("x"), Json::array({1}), Json::object(),
                                  Json({{"stdout", 5}}), Json({{"stdout", Json::object()}}),
                                  Json({{"stdout", "a"}, {"rc", "x"}, {"msg", 3}})}) {
            const Json before = result_.result;
            result_.result[task] = shape;
            const Observation observation = seen();
            EXPECT_TRUE(observation.answer == Answer::failed ||
                        observation.answer == Answer::unknown || std::string(task) == "checks" ||
                        std::string(task) == "reboot")
                << task << " " << shape;
            EXPECT_EQ(observation.checks.size(), 1U);
            result_.result = before;
        }
    result_.result = Json::array();
    EXPECT_EQ(seen().answer, Answer::failed);
}

TEST_F(PushAnswer, checks_that_were_not_run_or_not_answered_are_unknown) {
    EXPECT_EQ(seen().checks.at(0).outcome, testsuites::Outcome::unknown);
    say("checks", "beef result 0 pass 1 0.1");
    EXPECT_EQ(seen().checks.at(0).outcome, testsuites::Outcome::unknown) << "another nonce";
    result_.result.erase("checks");
    result_.detail = "perl is gone";
    EXPECT_THAT(seen().checks.at(0).detail, HasSubstr("perl is gone"));
}

TEST_F(PushAnswer, a_look_needs_no_change_and_a_removal_is_checked) {
    order_.step = Step::back_out;
    host_.packages.clear();
    host_.remove = {"nginx"};
    expect_failed("nginx is still there");
    say("look", look(""));
    EXPECT_EQ(seen().answer, Answer::done);
    order_.step = Step::inspect;
    result_.result.erase("begin");
    EXPECT_EQ(seen().answer, Answer::done);
}

}  // namespace
}  // namespace patchlab::rollout
