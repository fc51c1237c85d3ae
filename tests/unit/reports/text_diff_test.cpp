// SPDX-License-Identifier: Apache-2.0
#include "reports/text_diff.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace patchlab::reports {
namespace {

std::string diff(const std::string& before, const std::string& after) {
    return unified_text(diff_of_texts(before, after), "a", "b");
}

TEST(TextDiff, shows_what_differs_with_three_lines_around_it) {
    EXPECT_EQ(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
              "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    EXPECT_EQ(diff("same\n", "same\n"), "");
}

TEST(TextDiff, of_a_new_file_begins_at_line_nought_as_diff_does) {
    EXPECT_EQ(diff("", "x\n"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
    EXPECT_EQ(diff("x\ny\n", ""), "--- a\n+++ b\n@@ -1,2 +0,0 @@\n-x\n-y\n");
}

TEST(TextDiff, keeps_two_places_far_apart_apart) {
    std::string before, after;
    for (int i = 0; i < 40; ++i) {
        before += std::to_string(i) + "\n";
        after += (i == 3 || i == 30 ? "x" : "") + std::to_string(i) + "\n";
    }
    EXPECT_EQ(diff_of_texts(before, after).size(), 2U);
}

TEST(TextDiff, of_two_long_texts_without_anything_in_common_ends_soon) {
    std::string before, after;
    for (int i = 0; i < 30000; ++i) {
        before += i % 2 ? "a\n" : "b\n";
        after += i % 3 ? "c\n" : "a\n";
    }
    EXPECT_FALSE(diff_of_texts(before, after).empty());
}

/// The hunks turn the one text into the other.
RC_GTEST_PROP(TextDiffProperty, the_hunks_make_the_second_text_of_the_first, ()) {
    const auto lines = rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("a", "b", "c", "d"));
    const std::vector<std::string> before = *lines, after = *lines;
    const auto text = [](const std::vector<std::string>& all) {
        std::string joined;
        for (const std::string& line : all) joined += line + "\n";
        return joined;
    };
    std::vector<std::string> made;
    std::size_t at = 0;
    for (const DiffHunk& hunk : diff_of_texts(text(before), text(after))) {
        while (at < hunk.before_line - 1) made.push_back(before.at(at++));
        for (const DiffLine& line : hunk.lines) {
            if (line.sign != '+') RC_ASSERT(before.at(at++) == line.text);
            if (line.sign != '-') made.push_back(line.text);
        }
    }
    while (at < before.size()) made.push_back(before.at(at++));
    RC_ASSERT(made == after);
}

}  // namespace
}  // namespace patchlab::reports
