// SPDX-License-Identifier: Apache-2.0
#include "testsuites/adapters/report.hpp"

#include <gmock/gmock.h>

namespace patchlab::testsuites::adapters {
namespace {

using ::testing::HasSubstr;

Outcome verdict_of(const std::string& text, int exit = 0) {
    return results_of("junit", {text, exit, false, ""}, {"s", "c"}).at(0).outcome;
}

TEST(Junit, each_test_case_is_a_result_with_its_reason_and_time) {
    const auto results = results_of(
        "junit",
        {R"(<?xml version="1.0"?><testsuites><testsuite name="shop" tests="3" failures="1" skipped="1">
        <testcase classname="shop.cart" name="adds" time="0.5"/>
        <testcase classname="shop.cart" name="pays"><failure message="no money">at line &lt;3&gt;</failure></testcase>
        <testcase name="ships"><skipped message="no carrier"/></testcase></testsuite></testsuites>)",
         1, false, ""},
        {"s", "api"});
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(results[0].outcome, Outcome::fail);
    EXPECT_EQ(results[1].name, "api: shop.cart.adds");
    EXPECT_EQ(results[1].outcome, Outcome::pass);
    EXPECT_DOUBLE_EQ(results[1].seconds, 0.5);
    EXPECT_EQ(results[2].detail, "no money\nat line <3>");
    EXPECT_EQ(results[3].outcome, Outcome::skip);
}

TEST(Junit, passes_only_a_whole_report_whose_numbers_agree) {
    EXPECT_EQ(verdict_of(R"(<testsuite tests="1"><testcase name="a"/></testsuite>)"),
              Outcome::pass);
    EXPECT_EQ(verdict_of(R"(<testsuite tests="1"><testcase name="a"/></testsuite>)", 2),
              Outcome::fail);
    EXPECT_EQ(verdict_of(R"(<testsuite tests="2"><testcase name="a"/></testsuite>)"),
              Outcome::unknown)
        << "counts more than it holds";
    EXPECT_EQ(verdict_of(R"(<testsuite failures="1"><testcase name="a"/></testsuite>)"),
              Outcome::unknown)
        << "counts a failure that no test shows";
    EXPECT_EQ(
        verdict_of(
            R"(<testsuite errors="1"><testcase name="a"/><error message="died"/></testsuite>)"),
        Outcome::fail)
        << "its set-up died";
    EXPECT_EQ(verdict_of(R"(<testsuite><testcase name="a"/>)"), Outcome::unknown) << "cut short";
    EXPECT_EQ(verdict_of(R"(<testsuite></testsuite>)"), Outcome::unknown) << "no test";
    EXPECT_EQ(verdict_of(R"(<html><testcase name="a"/></html>)"), Outcome::unknown);
    EXPECT_EQ(verdict_of(R"(<testsuite><testcase/></testsuite>)"), Outcome::unknown) << "no name";
    EXPECT_EQ(verdict_of(""), Outcome::unknown);
    EXPECT_EQ(verdict_of("no report at all"), Outcome::unknown);
}

TEST(Junit, tests_that_did_not_run_have_not_passed) {
    const char* gtest =
        R"(<testsuites tests="2" failures="0" disabled="2" errors="0" name="AllTests">
        <testsuite name="Agent" tests="2" failures="0" disabled="2" skipped="0" errors="0">
        <testcase name="DISABLED_starts" status="notrun" result="suppressed" classname="Agent"/>
        <testcase name="DISABLED_stops" status="notrun" result="suppressed" classname="Agent"/>
        </testsuite></testsuites>)";
    EXPECT_EQ(verdict_of(gtest), Outcome::skip);
    for (const char* word : {"disabled", "Not-Run", "SKIPPED", "ignored", "pending"})
        EXPECT_EQ(verdict_of("<testsuite><testcase name='a' status='" + std::string(word) +
                             "'/></testsuite>"),
                  Outcome::skip)
            << word;
    EXPECT_EQ(verdict_of(R"(<testsuite><testcase name="a"><skipped/></testcase></testsuite>)"),
              Outcome::skip);
    EXPECT_EQ(
        verdict_of(R"(<testsuite tests="1"><testcase name="a" status="run" result="completed"/>
                         </testsuite>)"),
        Outcome::pass);
    EXPECT_EQ(verdict_of(R"(<testsuite><testcase name="a" status="failed"/></testsuite>)"),
              Outcome::fail);
    EXPECT_EQ(verdict_of(R"(<testsuite><testcase name="a" status="blocked?"/></testsuite>)"),
              Outcome::unknown);
    EXPECT_EQ(verdict_of(R"(<testsuite skipped="1"><testcase name="a"/></testsuite>)"),
              Outcome::unknown)
        << "counts a skipped test and shows none";
}

TEST(Junit, refuses_a_document_type_so_that_no_entity_is_ever_expanded) {
    const std::string bomb =
        R"(<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>)";
    EXPECT_THAT(read_junit(bomb).unsound, HasSubstr("document type"));
    EXPECT_THAT(
        read_junit(
            R"(<!DOCTYPE t SYSTEM "file:///etc/passwd"><testsuite><testcase name="a"/></testsuite>)")
            .unsound,
        HasSubstr("document type"));
}

TEST(Junit, nesting_that_nobody_writes_is_refused) {
    std::string deep, end;
    for (int i = 0; i < 50000; ++i) {
        deep += "<testsuite>";
        end += "</testsuite>";
    }
    EXPECT_FALSE(read_junit(deep + end).unsound.empty());
}

}  // namespace
}  // namespace patchlab::testsuites::adapters
