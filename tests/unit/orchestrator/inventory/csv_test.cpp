// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace patchlab::inventory {
namespace {

using testing::ElementsAre;

CsvTable good(const std::string& text) {
    Diagnostics mistakes;
    CsvTable table = read_csv(text, "t.csv", mistakes);
    EXPECT_TRUE(mistakes.ok()) << mistakes.items.front().text();
    return table;
}

std::vector<std::string> mistakes_of(const std::string& text) {
    Diagnostics mistakes;
    read_csv(text, "t.csv", mistakes);
    std::vector<std::string> lines;
    for (const Diagnostic& item : mistakes.items)
        lines.push_back(std::to_string(item.line) + " " + item.message);
    return lines;
}

TEST(Csv, quoted_fields_hold_separators_quotes_and_line_breaks) {
    const CsvTable table = good("name,note\r\na,\"one, \"\"two\"\"\nthree\"\r\n\r\nb,\n");
    EXPECT_THAT(table.header, ElementsAre("name", "note"));
    ASSERT_EQ(table.rows.size(), 2U);
    EXPECT_THAT(table.rows[0].cells, ElementsAre("a", "one, \"two\"\nthree"));
    EXPECT_THAT(table.rows[1].cells, ElementsAre("b", ""));
    EXPECT_EQ(table.rows[1].line, 5) << "lines inside a field count";
}

TEST(Csv, a_header_of_semicolons_says_what_separates) {
    EXPECT_THAT(good("\xef\xbb\xbfname;owners\nweb;a,b\n").rows.at(0).cells,
                ElementsAre("web", "a,b"));
    EXPECT_THAT(good("name\nweb;a\n").rows.at(0).cells, ElementsAre("web;a"));
}

TEST(Csv, every_mistake_is_told_with_its_line_and_the_row_left_out) {
    EXPECT_THAT(
        mistakes_of("a,b\n1\n1,2,3\n1,\"x\"y\n1,\xff\n1,2\n1,x\"\n"),
        ElementsAre("2 the row has 1 field, the header has 2",
                    "3 the row has 3 fields, the header has 2",
                    "4 the row has something between a closing quote and the next separator",
                    "5 the row is not UTF-8",
                    "7 the row has a quote inside a field that does not begin with one"));
    EXPECT_THAT(mistakes_of("a,b\n1,\"never\nends\n"),
                ElementsAre("2 the row begins a quoted field that never ends"));
    EXPECT_THAT(mistakes_of(""), ElementsAre("1 there is no header"));
    EXPECT_THAT(mistakes_of("a,,a\n"), ElementsAre("1 a column of the header has no name",
                                                   "1 stands twice in the header"));
}

std::string as_field(const std::string& cell) {
    std::string out = "\"";
    for (const char c : cell) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

RC_GTEST_PROP(CsvProperty, whatever_is_written_by_the_rules_is_read_back,
              (std::vector<std::pair<std::string, std::string>> rows)) {
    std::string text = "a,b\r\n";
    for (auto& [first, second] : rows) {
        for (std::string* cell : {&first, &second})
            for (char& c : *cell)
                if (c == '\0' || static_cast<unsigned char>(c) >= 0x80) c = 'x';
        text += as_field(first) + "," + as_field(second) + "\r\n";
    }
    Diagnostics mistakes;
    const CsvTable table = read_csv(text, "t.csv", mistakes);
    RC_ASSERT(mistakes.ok());
    RC_ASSERT(table.rows.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        RC_ASSERT(table.rows[i].cells == (std::vector<std::string>{rows[i].first, rows[i].second}));
}

RC_GTEST_PROP(CsvProperty, any_bytes_give_whole_rows_or_mistakes, (const std::string& bytes)) {
    Diagnostics mistakes;
    const CsvTable table = read_csv("a,b\n" + bytes, "t.csv", mistakes);
    int before = 1;
    for (const CsvRow& row : table.rows) {
        RC_ASSERT(row.cells.size() == 2U);
        RC_ASSERT(row.line > before);
        before = row.line;
        for (const std::string& cell : row.cells) RC_ASSERT(is_text(cell));
    }
    for (const Diagnostic& item : mistakes.items) RC_ASSERT(item.line >= 1);
}

}  // namespace
}  // namespace patchlab::inventory
