// SPDX-License-Identifier: Apache-2.0
//
// What may mean something in Markdown is escaped; what readers make of whole documents is compared
// in tests/unit/orchestrator/governance/change_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "reports/html/writer.hpp"
#include "reports/markdown/escape.hpp"
#include "reports/outline/outline.hpp"

namespace patchlab::reports {

namespace {

using ::testing::HasSubstr;

TEST(Markdown, text_is_nothing_but_text) {
    EXPECT_EQ(markdown::text("# heading"), "\\# heading");
    EXPECT_EQ(markdown::text("- list"), "\\- list");
    EXPECT_EQ(markdown::text("12. list"), "12\\. list");
    EXPECT_EQ(markdown::text("a | b"), "a \\| b");
    EXPECT_EQ(markdown::text("[x](https://example.org)"), "\\[x\\](https\\://example.org)");
    EXPECT_EQ(markdown::text("<b>&lt;"), "\\<b\\>\\&lt;");
    EXPECT_EQ(markdown::text("line\n\n# next"), "line  \\# next") << "one line stays one line";
    EXPECT_EQ(markdown::text("\\# x"), "\\\\\\# x");
    EXPECT_EQ(markdown::text("    indented"), "indented");
}

TEST(Markdown, ordinary_words_stay_readable) {
    for (const char* plain :
         {"nginx 1.22.1-9+deb12u11", "Tuesday 22:00-04:00 Europe/Zurich", "why: because",
          "web-1.example.org", "The lab asked for a review.", "(see above)"})
        EXPECT_EQ(markdown::text(plain), plain);
}

TEST(Markdown, code_is_fenced_by_more_backticks_than_it_holds) {
    EXPECT_EQ(markdown::code("a"), "`a`");
    EXPECT_EQ(markdown::code("a `b` c"), "``a `b` c``");
    EXPECT_EQ(markdown::code("`"), "`` ` ``");
    EXPECT_EQ(markdown::code("a|b"), "`a|b`");
    EXPECT_EQ(markdown::code("a|b", true), "`a\\|b`");
    EXPECT_EQ(markdown::code("a\nb"), "`a b`");
    EXPECT_EQ(markdown::block("a\n````\nb", "  "), "  `````\n  a\n  ````\n  b\n  `````\n");
}

TEST(Markdown, what_is_not_plain_is_spelled_out) {
    EXPECT_EQ(markdown::text("a\u202eb\xff"), "a\u27e8U+202E\u27e9b\u27e8byte FF\u27e9");
    EXPECT_EQ(markdown::code("\x1b[2J"), "`\u27e8U+001B\u27e9[2J`");
}

TEST(Outline, says_the_same_in_both_forms) {
    outline::Outline document;
    document.title = "A <title>";
    document.state = "Approved";
    document.facts = {{outline::Tone::good, "Risk", "Low", "none"}};
    document.sections = {{"one",
                          "One",
                          {outline::Paragraph{{outline::words("said "), outline::guest("by *her*"),
                                               outline::words(".")}}}}};
    const std::string page = outline::to_html(document), text = outline::to_markdown(document);
    EXPECT_THAT(page, HasSubstr("<title>Approved: A &lt;title&gt;</title>"));
    EXPECT_THAT(page, HasSubstr("said <bdi>by *her*</bdi>."));
    EXPECT_THAT(text, HasSubstr("# A \\<title\\>\n"));
    EXPECT_THAT(text, HasSubstr("- Risk: **Low**, none\n"));
    EXPECT_THAT(text, HasSubstr("said by \\*her\\*.\n"));
}

RC_GTEST_PROP(EscapeProperty, escaped_text_holds_nothing_that_html_reads,
              (const std::string& text)) {
    const std::string escaped = html::escape(text + "<script>\"'&");
    RC_ASSERT(escaped.find_first_of("<>\"'") == std::string::npos);
}

}  // namespace

}  // namespace patchlab::reports
