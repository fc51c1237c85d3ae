// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/ansible_answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchlab::inventory {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Answers : public ::testing::Test {
  protected:
    std::string line(const std::string& host, const std::string& end,
                     const std::string& detail = "", const std::string& result = "{}") {
        return R"({"host":")" + host + R"(","end":")" + end + R"(","detail":")" + detail +
               R"(","seconds":1.5,"result":)" + result + "}\n";
    }
    const AnsibleResult& only(const std::string& host) {
        EXPECT_EQ(heard_[host].size(), 1U) << host;
        static const AnsibleResult none;
        return heard_[host].empty() ? none : heard_[host].front();
    }

    std::map<std::string, std::vector<AnsibleResult>> heard_;
    AnsibleAnswered answered_ = [this](const std::string& host, const AnsibleResult& result) {
        heard_[host].push_back(result);
    };
    AnsibleAnswers answers_{{{"a", {{"ansible_password", "hunter22"}}},
                             {"b", {{"ansible_become_pass", "hunter22-and-more"}}}},
                            answered_};
};

TEST_F(Answers, tell_each_host_once_however_the_bytes_are_cut) {
    const std::string all =
        "{\"started\": true}\n" + line("a", "ok", "", R"({"x":1})") + line("b", "failed", "no");
    for (const char c : all) answers_.take({&c, 1});
    answers_.finish("over");
    EXPECT_TRUE(answers_.started());
    EXPECT_EQ(only("a").end, AnsibleEnd::ok);
    EXPECT_EQ(only("a").result["x"], 1);
    EXPECT_EQ(only("b").end, AnsibleEnd::failed);
    EXPECT_EQ(only("b").detail, "no");
}

TEST_F(Answers, a_host_without_a_word_is_unknown_with_the_reason) {
    answers_.take(line("a", "ok"));
    answers_.finish("the time\nwas over");
    EXPECT_EQ(only("b").end, AnsibleEnd::unknown);
    EXPECT_EQ(only("b").detail, "the time was over");
}

TEST_F(Answers, a_second_answer_and_a_stranger_are_not_heard) {
    answers_.take(line("a", "failed", "first") + line("a", "ok") + line("c", "ok"));
    EXPECT_EQ(only("a").end, AnsibleEnd::failed);
    EXPECT_FALSE(heard_.contains("c"));
}

TEST_F(Answers, odd_lines_are_dropped_and_the_next_one_is_read) {
    const std::string odd[] = {
        "\n",
        "not json\n",
        "[]\n",
        "{}\n",
        "null\n",
        "{\"host\":\"a\"}\n",
        line("a", "fine"),
        line("a", "ok", "", "[1]"),
        line("a", "ok", "", "\"x\""),
        line("a", "unknown"),
        "{\"host\":\"a\",\"end\":\"ok\",\"detail\":\"\",\"seconds\":\"1\",\"result\":{}}\n",
        std::string("\0\xff\xfe\n", 4),
        std::string(5000, '[') + "\n",
        std::string(6U << 20, 'x') + "\n"};
    for (const std::string& text : odd) answers_.take(text);
    EXPECT_TRUE(heard_.empty());
    EXPECT_FALSE(answers_.started());
    answers_.take(line("a", "ok"));
    EXPECT_EQ(only("a").end, AnsibleEnd::ok);
}

TEST_F(Answers, a_line_without_an_end_is_no_answer) {
    const std::string whole = line("a", "ok");
    answers_.take(whole.substr(0, whole.size() - 1));
    answers_.finish("over");
    EXPECT_EQ(only("a").end, AnsibleEnd::unknown);
}

TEST_F(Answers, passwords_are_blotted_out_the_longest_first) {
    answers_.take(line("a", "failed", "sudo: hunter22-and-more is wrong, so is hunter22"));
    EXPECT_EQ(only("a").detail, "sudo: *** is wrong, so is ***");
}

TEST_F(Answers, details_are_one_short_line_of_valid_text) {
    std::string long_text = "\\u001b[31mred\\r\\n\\u0007";
    for (int i = 0; i < 1000; ++i) long_text += "\xc3\xa4";
    answers_.take(line("a", "failed", long_text));
    const std::string& detail = only("a").detail;
    EXPECT_LE(detail.size(), 1024U);
    EXPECT_THAT(detail, HasSubstr("[31mred"));
    EXPECT_EQ(detail.find_first_of("\x1b\r\n\x07"), std::string::npos);
    EXPECT_NO_THROW(Json(detail).dump());  // a character cut in two would throw
    EXPECT_TRUE(detail.ends_with("…"));
}

}  // namespace
}  // namespace patchlab::inventory
