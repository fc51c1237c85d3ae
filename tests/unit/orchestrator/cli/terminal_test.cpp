// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchlab::cli {
namespace {

using ::testing::ElementsAre;

TEST(PlainText, lets_nothing_steer_the_terminal) {
    EXPECT_EQ(plain_text("\033[2Jgone\a\x7f"), "?[2Jgone??");
    EXPECT_EQ(plain_text("c1 \xc2\x9b"
                         "31m"),
              "c1 ?31m");
    EXPECT_EQ(plain_text("evil\xe2\x80\xae"
                         "txt.exe"),
              "evil?txt.exe");
    EXPECT_EQ(plain_text("two\nlines\r"), "two\nlines?");
    EXPECT_EQ(one_line("two\nlines"), "two lines");
}

TEST(PlainText, replaces_what_is_not_utf8_and_keeps_what_is) {
    EXPECT_EQ(plain_text("wéb 日本 🎉"), "wéb 日本 🎉");
    const std::string bad = "\xef\xbf\xbd";
    EXPECT_EQ(plain_text("a\xff"
                         "b"),
              "a" + bad + "b");
    EXPECT_EQ(plain_text("cut \xe6\x97"), "cut " + bad + bad);
    EXPECT_EQ(plain_text("overlong \xc0\xaf"), "overlong " + bad + bad);
    EXPECT_EQ(plain_text("surrogate \xed\xa0\x80"), "surrogate " + bad + bad + bad);
}

TEST(Table, aligns_wide_and_combining_characters) {
    EXPECT_THAT(table_lines({{"NAME", "SIZE"}, {"wéb", "1"}, {"日本", "2"}, {"e\xcc\x81", "3"}}),
                ElementsAre("NAME  SIZE", "wéb   1", "日本  2", "e\xcc\x81     3"));
}

TEST(Table, ends_no_line_with_spaces_and_keeps_a_row_on_one_line) {
    EXPECT_THAT(table_lines({{"A", "B"}, {"longer", ""}, {"x\ny", "z"}}),
                ElementsAre("A       B", "longer", "x y     z"));
    EXPECT_TRUE(table_lines({}).empty());
}

TEST(CutToWidth, never_exceeds_the_width_nor_splits_a_character) {
    EXPECT_EQ(cut_to_width("short", 5), "short");
    EXPECT_EQ(cut_to_width("longer", 5), "long…");
    EXPECT_EQ(cut_to_width("日本語", 5), "日本…");
    EXPECT_EQ(cut_to_width("日本語", 4), "日…");
    EXPECT_EQ(cut_to_width("x", 0), "");
}

}  // namespace
}  // namespace patchlab::cli
