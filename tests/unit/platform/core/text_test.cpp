// SPDX-License-Identifier: Apache-2.0
#include "platform/core/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "platform/core/json.hpp"
#include "platform/core/json_text.hpp"
#include "platform/core/text_width.hpp"

namespace patchlab {
namespace {

TEST(Printable, shows_controls_and_broken_text_as_bytes) {
    EXPECT_EQ(printable("a\x1b[31mb\n\xff\xc3\xa9", 100), "a\\x1b[31mb\\x0a\\xff\xc3\xa9");
    EXPECT_EQ(printable("\xed\xa0\x80", 100), "\\xed\\xa0\\x80");  // a surrogate
    EXPECT_EQ(printable("\xe2\x80\xae", 100), "\\xe2\\x80\\xae");  // a right-to-left override
    EXPECT_NE(printable(std::string(50, 'a') + "b", 10), printable(std::string(50, 'a') + "c", 10));
}

TEST(Shortened, cuts_between_characters_and_says_so) {
    EXPECT_EQ(shortened("whole", 5), "whole");
    EXPECT_EQ(shortened("longer than that", 9), "longer…");
    EXPECT_EQ(shortened("12345\xc3\xa9\xc3\xa9", 8), "12345…");
    EXPECT_EQ(shortened("1234", 3), "…");
}

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

TEST(OneLine, shows_where_a_line_was_broken_so_that_none_can_be_forged) {
    EXPECT_EQ(one_line("1.0\nverdict  validated"), "1.0⏎verdict  validated");
    EXPECT_EQ(one_line("the last line ends\r\n"), "the last line ends");
    EXPECT_EQ(one_line("over\rwritten"), "over⟨U+000D⟩written");
    EXPECT_EQ(one_line("a\tb"), "a b");
    EXPECT_EQ(one_line("\n\n"), "");
}

TEST(NearestWord, forgives_a_swap_and_proposes_nothing_far_away) {
    EXPECT_EQ(nearest_word("biuld", {"build", "list"}), "build");
    EXPECT_EQ(did_you_mean("biuld", {"build"}), " (did you mean 'build'?)");
    EXPECT_EQ(did_you_mean("quite-another", {"build"}), "");
}

TEST(DisplayWidth, knows_wide_and_combining_characters_in_any_locale) {
    EXPECT_EQ(display_width("wéb"), 3U);
    EXPECT_EQ(display_width("日本"), 4U);
    EXPECT_EQ(display_width("e\xcc\x81"), 1U);
    EXPECT_EQ(padded("日本", 6), "日本  ");
}

TEST(CutToWidth, never_exceeds_the_width_nor_splits_a_character) {
    EXPECT_EQ(cut_to_width("short", 5), "short");
    EXPECT_EQ(cut_to_width("longer", 5), "long…");
    EXPECT_EQ(cut_to_width("日本語", 5), "日本…");
    EXPECT_EQ(cut_to_width("日本語", 4), "日…");
    EXPECT_EQ(cut_to_width("x", 0), "");
}

TEST(PlainJson, holds_the_same_document_without_what_steers_a_terminal) {
    const Json document{{"version", "1\x1b[2J\x7f\xc2\x9b\u202eok"}, {"name", "wéb 日本"}};
    const std::string text = to_plain_text(document);
    std::string without_lines = text;
    std::erase(without_lines, '\n');
    EXPECT_TRUE(is_plain_text(without_lines)) << text;
    EXPECT_EQ(parse_json(text, "text"), document);
    EXPECT_NE(text.find("wéb 日本"), std::string::npos);
}

RC_GTEST_PROP(PlainJsonProperty, reads_back_as_what_it_was, (const std::u32string& points)) {
    std::string text;
    for (char32_t c : points) {
        c %= 0x110000;
        if (c >= 0xD800 && c <= 0xDFFF) c = U'x';
        text += Json::parse("[" + std::to_string(static_cast<std::uint32_t>(c)) + "]").dump();
        if (c < 0x80) text += static_cast<char>(c);
    }
    const Json document{{"text", text + "\U0001F600\U000E0041\uFEFF"}};
    RC_ASSERT(parse_json(to_plain_text(document), "text") == document);
}

TEST(YamlText, quotes_what_yaml_would_read_as_something_else) {
    const Json document{{"name", "web-shop"},
                        {"state", "no"},
                        {"version", "1.0"},
                        {"nothing", nullptr},
                        {"count", 3},
                        {"empty", Json::array()},
                        {"list", {{{"id", "a"}, {"tags", {"x", "y z"}}}, "b"}}};
    EXPECT_EQ(to_yaml(document),
              "name: web-shop\nstate: \"no\"\nversion: \"1.0\"\nnothing: null\ncount: 3\n"
              "empty: []\nlist:\n  - id: a\n    tags:\n      - x\n      - \"y z\"\n  - b\n");
}

TEST(CsvCell, is_read_back_as_it_was_and_never_as_a_formula) {
    EXPECT_EQ(csv_cell("plain"), "plain");
    EXPECT_EQ(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
    EXPECT_EQ(csv_cell("two\nlines"), "\"two\nlines\"");
    for (const char* formula : {"=1+1", "+1+cmd", "-2+3+cmd", "@SUM(A1)", "\t=1"})
        EXPECT_EQ(csv_cell(formula), "'" + std::string(formula));
    EXPECT_EQ(csv_cell("\r=1"), "\"'\r=1\"");
    EXPECT_EQ(csv_cell("-12.5"), "-12.5");
    EXPECT_EQ(csv_cell(""), "");
}

TEST(CurlQuoted, nothing_of_a_value_becomes_another_line_of_the_configuration) {
    EXPECT_EQ(curl_quoted("a\"\\b"), R"("a\"\\b")");
    EXPECT_EQ(curl_quoted("a\nurl = file:///etc/shadow\r\t\v"),
              R"("a\nurl = file:///etc/shadow\r\t\v")");
}

}  // namespace
}  // namespace patchlab
