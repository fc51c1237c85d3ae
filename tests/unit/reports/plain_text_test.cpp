// SPDX-License-Identifier: Apache-2.0
#include "reports/plain_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "reports/html/writer.hpp"

namespace patchlab::reports {
namespace {

TEST(PlainText, keeps_the_scripts_of_the_world) {
    for (const char* text :
         {"plain", "Grüße, naïve façade", "日本語", "שלום", "مرحبا", "🙂", "a\tb\nc"})
        EXPECT_EQ(plain_text(text), text);
}

TEST(PlainText, spells_out_what_hides_or_turns_text_around) {
    EXPECT_EQ(plain_text("x\u202egpj.exe"), "x⟨U+202E⟩gpj.exe");
    EXPECT_EQ(plain_text("pay\u200bpal\ufeff"), "pay⟨U+200B⟩pal⟨U+FEFF⟩");
    EXPECT_EQ(plain_text(std::string_view("\x1b[31m\x00", 6)), "⟨U+001B⟩[31m⟨U+0000⟩");
    EXPECT_EQ(plain_text("\u2066isolated\u2069"), "⟨U+2066⟩isolated⟨U+2069⟩");
}

TEST(PlainText, spells_out_what_is_not_utf8) {
    EXPECT_EQ(plain_text("\xff"), "⟨byte FF⟩");
    EXPECT_EQ(plain_text("\xc0\xaf"), "⟨byte C0⟩⟨byte AF⟩");               // an overlong slash
    EXPECT_EQ(plain_text("\xed\xa0\x80"), "⟨byte ED⟩⟨byte A0⟩⟨byte 80⟩");  // a surrogate
    EXPECT_EQ(plain_text("ok\xe2\x82"), "ok⟨byte E2⟩⟨byte 82⟩");           // cut off
    EXPECT_EQ(plain_text("\xf4\x90\x80\x80"), "⟨byte F4⟩⟨byte 90⟩⟨byte 80⟩⟨byte 80⟩");
}

TEST(PlainText, says_how_much_it_cut) {
    EXPECT_EQ(plain_text("abcdef", 4), "abcd… (2 bytes more)");
}

RC_GTEST_PROP(PlainTextProperty, is_plain_whatever_came_in, (const std::string& text)) {
    const std::string plain = plain_text(text, 1U << 20);
    std::string without_space;
    for (const char c : plain)
        if (c != '\n' && c != '\t') without_space += c;
    RC_ASSERT(is_plain_text(without_space));
}

RC_GTEST_PROP(PlainTextProperty, escaped_text_holds_nothing_that_html_reads,
              (const std::string& text)) {
    const std::string escaped = html::escape(text + "<script>\"'&");
    RC_ASSERT(escaped.find_first_of("<>\"'") == std::string::npos);
}

}  // namespace
}  // namespace patchlab::reports
