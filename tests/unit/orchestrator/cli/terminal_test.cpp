// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include "orchestrator/cli/pager.hpp"
#include "orchestrator/cli/screen.hpp"
#include "orchestrator/cli/table.hpp"
#include "platform/core/text_width.hpp"

namespace patchlab::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int no_terminal = -1;

/// What reaches the terminal of whatever `print` writes.
template <typename Print>
std::string guarded(Print print) {
    std::stringbuf below;
    std::ostream stream(&below);
    {
        const GuardedOutput guard(stream, no_terminal);
        print(stream);
    }
    return below.str();
}

TEST(Pager, counts_the_lines_that_a_terminal_shows) {
    EXPECT_EQ(lines_on_screen("", 80), 0U);
    EXPECT_EQ(lines_on_screen("one\n\nthree\n", 80), 3U);
    EXPECT_EQ(lines_on_screen(std::string(81, 'x') + "\n", 80), 2U);
    EXPECT_EQ(lines_on_screen("\033[32m" + std::string(80, 'x') + "\033[0m\n", 80), 1U);
}

TEST(GuardedOutput, lets_nothing_steer_the_terminal_whoever_wrote_it) {
    const std::string shown = guarded([](std::ostream& out) {
        out << "\033[2Jgone\a\x7f c1 \xc2\x9b"
            << "31m evil\xe2\x80\xaetxt.exe\r over";
    });
    EXPECT_EQ(shown,
              "⟨U+001B⟩[2Jgone⟨U+0007⟩⟨U+007F⟩ c1 ⟨U+009B⟩31m "
              "evil⟨U+202E⟩txt.exe⟨U+000D⟩ over");
}

TEST(GuardedOutput, keeps_lines_and_the_scripts_of_the_world) {
    EXPECT_EQ(guarded([](std::ostream& out) { out << "wéb 日本 🎉\ntwo\n"; }), "wéb 日本 🎉\ntwo\n");
}

TEST(GuardedOutput, reads_a_character_that_comes_in_pieces_and_spells_out_what_is_none) {
    EXPECT_EQ(guarded([](std::ostream& out) {
                  out << "\xe6"
                      << "\x97"
                      << "\xa5!";
              }),
              "日!");
    EXPECT_EQ(guarded([](std::ostream& out) {
                  out << "\xe2\x80"
                      << "\xae";
              }),
              "⟨U+202E⟩");
    EXPECT_EQ(guarded([](std::ostream& out) { out << "cut \xe6\x97" << std::flush; }),
              "cut ⟨byte E6⟩⟨byte 97⟩");
    EXPECT_EQ(guarded([](std::ostream& out) {
                  out << "a\xff"
                      << "b";
              }),
              "a⟨byte FF⟩b");
}

TEST(GuardedOutput, sends_no_colours_to_a_pipe_and_documents_byte_for_byte) {
    EXPECT_EQ(guarded([](std::ostream& out) {
                  out << Span("rejected", Style::bad) << EmptyLine{} << LinesUp{3} << "\n"
                      << Exact{"\x1b raw"};
              }),
              "rejected\n\x1b raw");
}

std::vector<std::string> texts(const std::vector<Line>& lines) {
    std::vector<std::string> all;
    for (const Line& line : lines) {
        std::string& text = all.emplace_back();
        for (const Span& span : line) text += span.text;
    }
    return all;
}

TEST(Table, aligns_wide_and_combining_characters) {
    EXPECT_THAT(
        texts(table_lines({"NAME", "SIZE"}, {{"wéb", "1"}, {"日本", "2"}, {"e\xcc\x81", "3"}}, {})),
        ElementsAre("NAME  SIZE", "wéb   1", "日本  2", "e\xcc\x81     3"));
}

TEST(Table, ends_no_line_with_spaces_and_keeps_a_row_on_one_line) {
    EXPECT_THAT(texts(table_lines({"A", "B"}, {{"longer", ""}, {"x\ny", "z"}}, {})),
                ElementsAre("A       B", "longer", "x⏎y     z"));
}

TEST(Table, fits_the_terminal_by_cutting_its_widest_columns_and_never_the_first) {
    TableForm form;
    form.width = 40;
    const Rows rows{{"r-20261130-0004", "a description that is much too long for it", "rejected"}};
    for (const std::string& line : texts(table_lines({"RUN", "WHAT", "VERDICT"}, rows, form)))
        EXPECT_LE(display_width(line), 40U) << line;
    EXPECT_THAT(texts(table_lines({"RUN", "WHAT", "VERDICT"}, rows, form)).back(),
                testing::AllOf(testing::StartsWith("r-20261130-0004  a "), HasSubstr("…  rejec")));
    EXPECT_THAT(texts(table_lines({"RUN", "WHAT", "VERDICT"}, rows, {})).back(),
                HasSubstr("much too long for it  rejected"));
}

TEST(Table, shows_its_wide_columns_only_when_asked_and_its_header_unless_told) {
    TableForm form;
    const std::vector<Column> columns{"RUN", wide("BY")};
    EXPECT_THAT(texts(table_lines(columns, {{"r-1", "tess"}}, form)), ElementsAre("RUN", "r-1"));
    form.wide = true;
    form.header = false;
    EXPECT_THAT(texts(table_lines(columns, {{"r-1", "tess"}}, form)), ElementsAre("r-1  tess"));
}

TEST(Table, gives_a_verdict_its_colour_and_a_version_that_is_called_so_none) {
    const auto lines = table_lines({"VERSION", "VERDICT"}, {{"validated", "rejected"}}, {});
    EXPECT_EQ(lines.back(), (Line{"validated", "  ", {"rejected", Style::bad}}));
}

}  // namespace
}  // namespace patchlab::cli
