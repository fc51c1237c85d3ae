// SPDX-License-Identifier: Apache-2.0
#include "testsuites/adapters/report.hpp"

#include <gmock/gmock.h>

namespace patchlab::testsuites::adapters {
namespace {

using ::testing::HasSubstr;

Outcome whole(std::string_view text, int exit = 0, bool truncated = false) {
    return results_of("tap", {std::string(text), exit, truncated, ""}, {"s", "c"}).at(0).outcome;
}

TEST(Tap, each_test_is_a_result_named_after_check_and_test) {
    const auto results = results_of(
        "tap",
        {"TAP version 13\n1..3\nok 1 - starts\nnot ok 2 - stops\n# got 1\n  ---\n  wanted: "
         "2\n  ...\nok 3 # SKIP no disk\n",
         1, false, "exit 1"},
        {"s", "shop"});
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(results[0].name, "shop");
    EXPECT_EQ(results[0].outcome, Outcome::fail);
    EXPECT_EQ(results[0].detail, "3 tests, 1 failed; exit 1");
    EXPECT_EQ(results[1].name, "shop: starts");
    EXPECT_EQ(results[1].outcome, Outcome::pass);
    EXPECT_EQ(results[2].outcome, Outcome::fail);
    EXPECT_EQ(results[2].detail, "got 1\n  wanted: 2");
    EXPECT_EQ(results[3].name, "shop: test 3");
    EXPECT_EQ(results[3].outcome, Outcome::skip);
    EXPECT_EQ(results[3].detail, "SKIP no disk");
}

TEST(Tap, passes_only_when_the_plan_is_kept_and_the_command_succeeds) {
    EXPECT_EQ(whole("1..2\nok 1\nok 2\n"), Outcome::pass);
    EXPECT_EQ(whole("ok 1\r\nok 2\r\n1..2\r\n"), Outcome::pass) << "a plan at the end, CRLF";
    EXPECT_EQ(whole("1..2\nok 1\nok 2\n", 1), Outcome::fail) << "the command failed";
    EXPECT_EQ(whole("1..3\nok 1\nok 2\n"), Outcome::unknown) << "cut short";
    EXPECT_EQ(whole("ok 1\nok 2\n"), Outcome::unknown) << "no plan";
    EXPECT_EQ(whole("1..1\nok 1\nok 2\n"), Outcome::unknown) << "more than planned";
    EXPECT_EQ(whole("1..2\nok 1\nok 1\n"), Outcome::unknown) << "a number twice";
    EXPECT_EQ(whole("1..2\nok 1\nok 3\n"), Outcome::unknown) << "a number outside the plan";
    EXPECT_EQ(whole("1..2\n1..2\nok 1\nok 2\n"), Outcome::unknown) << "two plans";
    EXPECT_EQ(whole("1..2\nok 1\nok 2\n", 0, true), Outcome::unknown)
        << "longer than what was read";
    EXPECT_EQ(whole(""), Outcome::unknown);
    EXPECT_EQ(whole("1..0\n"), Outcome::unknown) << "nothing tested, no reason";
    EXPECT_EQ(whole("1..0 # SKIP no perl here\n"), Outcome::skip);
    EXPECT_EQ(whole("1..1\nok 1 # skip nothing to do\n"), Outcome::skip) << "all skipped";
    EXPECT_EQ(whole("1..2\nok 1\nBail out! disk gone\n"), Outcome::fail);
}

TEST(Tap, a_failed_todo_is_a_skip_and_a_subtest_counts_through_its_parent) {
    const Report todo = read_tap("1..2\nnot ok 1 - later # TODO not yet\nok 2 - now # TODO done\n");
    EXPECT_EQ(todo.tests.at(0).outcome, Outcome::skip);
    EXPECT_EQ(todo.tests.at(1).outcome, Outcome::pass);
    const Report nested =
        read_tap("# Subtest: a\n    1..2\n    ok 1\n    not ok 2\nnot ok 1 - a\n1..1\n");
    ASSERT_EQ(nested.tests.size(), 1U);
    EXPECT_EQ(nested.tests[0].outcome, Outcome::fail);
}

TEST(Tap, an_escaped_hash_belongs_to_the_name_and_equal_names_are_numbered) {
    EXPECT_EQ(read_tap("1..1\nok 1 - issue \\#3 # SKIP x\n").tests.at(0).name, "issue \\#3");
    const auto results =
        results_of("tap", {"1..2\nok 1 - same\nok 2 - same\n", 0, false, ""}, {"s", "c"});
    EXPECT_EQ(results.at(1).name, "c: same");
    EXPECT_EQ(results.at(2).name, "c: same (2)");
}

TEST(Tap, more_tests_than_anyone_writes_are_refused) {
    std::string flood;
    for (int i = 0; i < 6000; ++i) flood += "ok\n";
    EXPECT_THAT(read_tap(flood + "1..6000\n").unsound, HasSubstr("more than"));
}

}  // namespace
}  // namespace patchlab::testsuites::adapters
