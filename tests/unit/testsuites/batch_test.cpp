// SPDX-License-Identifier: Apache-2.0
//
// The answer of a guest is untrusted: nothing in it may become a pass that was not one.
#include "testsuites/batch.hpp"
#include "platform/core/json.hpp"

#include <gmock/gmock.h>

#include "platform/core/digest.hpp"

namespace patchlab::testsuites {
namespace {

using ::testing::HasSubstr;

const std::string nonce = "0123456789abcdef";

std::vector<Suite> two_checks() {
    return {{"s", "", {{"one", ServiceCheck{"a"}}, {"two", ServiceCheck{"b"}}}, ""}};
}

std::string line(const std::string& index, const std::string& outcome,
                 const std::string& detail = "-", const std::string& rest = "- - - -",
                 const std::string& open = nonce) {
    const std::string field = detail == "-" ? "-" : base64_encode(detail);
    return open + " result " + index + " " + outcome + " 1 0.250000 - " + field + " " + rest +
           " - -\n";
}

TEST(ParseBatch, gives_one_result_for_each_check_in_order) {
    const auto results =
        parse_batch(two_checks(), nonce,
                    line("1", "fail", "it is dead") + line("0", "pass") + nonce + " end 2\n");
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0].name, "one");
    EXPECT_EQ(results[0].outcome, Outcome::pass);
    EXPECT_DOUBLE_EQ(results[0].seconds, 0.25);
    EXPECT_EQ(results[1].outcome, Outcome::fail);
    EXPECT_EQ(results[1].detail, "it is dead");
}

TEST(ParseBatch, a_check_without_a_line_is_unknown_with_the_reason) {
    const auto results =
        parse_batch(two_checks(), nonce, line("0", "pass"), "the checks were not done in time");
    EXPECT_EQ(results[1].outcome, Outcome::unknown);
    EXPECT_EQ(results[1].detail, "no answer: the checks were not done in time");
}

TEST(ParseBatch, two_answers_for_one_check_are_none) {
    const auto results =
        parse_batch(two_checks(), nonce, line("0", "pass") + line("0", "pass") + line("1", "pass"));
    EXPECT_EQ(results[0].outcome, Outcome::unknown);
    EXPECT_THAT(results[0].detail, HasSubstr("twice"));
    EXPECT_EQ(results[1].outcome, Outcome::pass);
}

TEST(ParseBatch, a_line_without_the_nonce_or_cut_short_counts_for_nothing) {
    const std::string forged = line("0", "pass", "-", "- - - -", "ffffffffffffffff");
    const std::string cut = line("1", "pass").substr(0, line("1", "pass").size() - 1);
    for (const CheckResult& result : parse_batch(two_checks(), nonce, forged + cut))
        EXPECT_EQ(result.outcome, Outcome::unknown);
}

TEST(ParseBatch, a_malformed_line_makes_its_check_unknown) {
    for (const std::string& wrong : std::vector<std::string>{
             line("0", "passed"), line("0", "pass", "-", "- - -"),
             line("0", "pass", "-", "- - - - -"), nonce + " result 0 pass 0 0.1 - - - - - - - -\n",
             nonce + " result 0 pass 1 nan - - - - - - - -\n",
             nonce + " result 0 pass 1 -1 - - - - - - - -\n",
             nonce + " result 0 pass 1 0.1 1,x - - - - - - -\n",
             nonce + " result 0 pass 1 0.1 - !!! - - - - - -\n",
             nonce + " result 0 pass 1 0.1 - - - - maybe - - -\n",
             nonce + " result 0 pass 1 0.1 - - - - - - 5,-1 -\n",
             nonce + " result 0 pass 1 0.1 - - - - - - - 5,-1\n",
             nonce + " result 0 pass 1x 0.1 - - - - - - - -\n"}) {
        const auto results = parse_batch(two_checks(), nonce, wrong);
        EXPECT_EQ(results[0].outcome, Outcome::unknown) << wrong;
        EXPECT_THAT(results[0].detail, HasSubstr("cannot be read")) << wrong;
    }
    EXPECT_EQ(parse_batch(two_checks(), nonce, line("7", "pass") + line("-1", "pass"))[0].detail,
              "no answer");
}

TEST(ParseBatch, text_of_the_guest_is_capped_and_made_harmless) {
    const auto results = parse_batch(
        two_checks(), nonce,
        line("0", "fail", "a\x1b[31m\xff\x00z") + line("1", "fail", std::string(4000, 'x')));
    EXPECT_EQ(results[0].detail, "a[31m\xef\xbf\xbd");
    EXPECT_LE(results[1].detail.size(), 4096U);
    EXPECT_EQ(
        parse_batch(two_checks(), nonce, line("0", "fail", std::string(9000, 'x')))[0].outcome,
        Outcome::unknown);
}

TEST(CheckResult, comes_back_from_json_as_it_was) {
    CheckResult result{"s", "c",        Outcome::fail, "why",    1.5,
                       3,   {0.1, 0.2}, {4096, 4100},  {40, 41}, {"a", "b"}};
    const CheckResult back = check_result_from_json(to_json(result));
    EXPECT_EQ(to_json(back), to_json(result));
    EXPECT_EQ(back.samples.size(), 2U);
}

TEST(CheckResult, new_lines_are_those_that_were_not_there_before) {
    CheckResult before, after;
    before.lines = {"a: old", "b: old"};
    after.lines = {"b: old", "c: new", "a: old"};
    EXPECT_THAT(new_lines(before, after), ::testing::ElementsAre("c: new"));
}

TEST(CompileBatch, no_word_of_a_definition_is_ever_code) {
    const std::string evil = "'; system('touch /tmp/x'); __END__ \n`id` ${\\exit}";
    const std::string program =
        compile_batch({{"s", "", {{"c", RunCheck{{evil}, evil, evil}}}, ""}}, nonce);
    EXPECT_EQ(program.find("touch"), std::string::npos);
    EXPECT_NE(program.find(base64_encode(evil)), std::string::npos);
}

TEST(LongestRun, counts_every_attempt_and_pause) {
    Check check{"c", TcpCheck{}};
    check.timeout = Seconds(10);
    check.retries = 2;
    check.retry_delay = Seconds(5);
    EXPECT_GE(longest_run({{"s", "", {check}, ""}}).count(), 3 * 10 + 2 * 5);
}

}  // namespace
}  // namespace patchlab::testsuites
