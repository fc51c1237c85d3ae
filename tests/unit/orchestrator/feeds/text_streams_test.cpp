// SPDX-License-Identifier: Apache-2.0
//
// CSV and XML as streams.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orchestrator/feeds/csv_stream.hpp"
#include "orchestrator/feeds/xml_stream.hpp"
#include "platform/core/error.hpp"

namespace patchlab::feeds {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Cells = std::vector<std::string>;

std::vector<Cells> csv(std::string_view text) {
    ByteSource source(text);
    CsvStream stream(source, "FILE");
    std::vector<Cells> records;
    for (Cells cells; stream.next(cells);) records.push_back(cells);
    return records;
}

template <typename Read>
std::string refusal(Read read, std::string_view text) {
    try {
        read(text);
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(CsvStreams, read_quotes_line_breaks_and_empty_lines) {
    EXPECT_THAT(csv("a,b\r\n\n\"x,\"\"y\"\"\nz\",\n"),
                ElementsAre(Cells{"a", "b"}, Cells{"x,\"y\"\nz", ""}));
}

TEST(CsvStreams, refuse_what_is_cut_short) {
    EXPECT_THAT(refusal(csv, "a,b\nc,d"), HasSubstr("line 2: is cut short"));
    EXPECT_THAT(refusal(csv, "a,\"b\n"), HasSubstr("within quotation marks"));
    EXPECT_THAT(refusal(csv, std::string("a\0b\n", 4)), HasSubstr("NUL"));
    EXPECT_THAT(refusal(csv, std::string(100, ',') + "\n"), HasSubstr("columns"));
    EXPECT_THAT(refusal(csv, std::string(70'000, 'x') + "\n"), HasSubstr("longer"));
}

RC_GTEST_PROP(CsvStreamProperties, give_back_what_was_quoted, ()) {
    const auto cells = *rc::gen::nonEmpty(rc::gen::container<Cells>(
        rc::gen::container<std::string>(rc::gen::element('a', ',', '"', '\n', '\r', ' '))));
    RC_PRE(cells.size() <= 20);
    std::string text = "head\n";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        text += i == 0 ? "\"" : ",\"";
        for (const char c : cells[i]) text += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += "\"";
    }
    RC_ASSERT(csv(text + "\n").back() == cells);
}

std::vector<std::string> xml(std::string_view text) {
    ByteSource source(text);
    std::vector<std::string> seen;
    walk_xml(source, "FILE",
             {[&](const std::vector<XmlElement>& path) {
                  std::string line = "<" + path.back().name;
                  for (const auto& [key, value] : path.back().attributes)
                      line += " " + key + "=" + value;
                  seen.push_back(line);
              },
              [&](const std::vector<XmlElement>& path) {
                  seen.push_back("/" + path.back().name + ":" + path.back().text);
              }});
    return seen;
}

TEST(XmlStreams, read_elements_attributes_entities_and_cdata) {
    EXPECT_THAT(xml("<?xml version='1.0'?>\n<!-- c --><a x='1' y=\"&lt;&#x41;\"><b/>t&amp;"
                    "<![CDATA[<&>]]></a>\n"),
                ElementsAre("<a x=1 y=<A", "<b", "/b:", "/a:t&<&>"));
}

TEST(XmlStreams, refuse_what_is_not_well_formed_or_defines_something) {
    EXPECT_THAT(refusal(xml, "<a><b></a>"), HasSubstr("closes <a>"));
    EXPECT_THAT(refusal(xml, "<a><b></b>"), HasSubstr("cut short within <a>"));
    EXPECT_THAT(refusal(xml, "<a x='1"), HasSubstr("cut short"));
    EXPECT_THAT(refusal(xml, "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), HasSubstr("document type"));
    EXPECT_THAT(refusal(xml, "<a>&b;</a>"), HasSubstr("unknown entity"));
    EXPECT_THAT(refusal(xml, "<a>&#0;</a>"), HasSubstr("invalid character"));
    EXPECT_THAT(refusal(xml, "<a x='1' x='2'/>"), HasSubstr("twice"));
    EXPECT_THAT(refusal(xml, "<a/><b/>"), HasSubstr("more than one root"));
    EXPECT_THAT(refusal(xml, ""), HasSubstr("no element"));
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<a>";
    EXPECT_THAT(refusal(xml, deep), HasSubstr("nested"));
}

RC_GTEST_PROP(XmlStreamProperties, never_do_more_than_refuse, ()) {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::element('<', '>', '/', '!', '?', '[', ']', '-', '&', ';', '"', '=', 'a', ' '));
    refusal(xml, text);
}

}  // namespace
}  // namespace patchlab::feeds
