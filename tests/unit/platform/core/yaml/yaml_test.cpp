// SPDX-License-Identifier: Apache-2.0
#include "platform/core/yaml.hpp"

#include <gmock/gmock.h>

namespace patchlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> mistakes_of(std::string_view text) {
    Diagnostics diagnostics;
    parse_yaml(text, "x.yaml", diagnostics);
    std::vector<std::string> out;
    for (const Diagnostic& item : diagnostics.items) out.push_back(item.text());
    return out;
}

Json value_of(std::string_view text) {
    Diagnostics diagnostics;
    const YamlDocument document = parse_yaml(text, "x.yaml", diagnostics);
    EXPECT_TRUE(diagnostics.ok()) << text << diagnostics.to_json();
    return document.value;
}

TEST(Yaml, types_plain_scalars_as_yaml_1_2_does_and_leaves_quoted_ones_alone) {
    EXPECT_EQ(value_of("[1, -2, 0x1f, 0o17, 1.5, 1e3, true, null, ~]"),
              Json({1, -2, 31, 15, 1.5, 1000.0, true, nullptr, nullptr}));
    EXPECT_EQ(value_of("['1', \"true\", yes, no, on, 1:30, 1.2.3, -, .inf, 10.0.0.5/24, 512M]"),
              Json({"1", "true", "yes", "no", "on", "1:30", "1.2.3", "-", ".inf", "10.0.0.5/24",
                    "512M"}));
    EXPECT_EQ(value_of("99999999999999999999999"),
              Json(99999999999999999999999.0));  // too large for a whole number
    EXPECT_EQ(value_of("text: |\n  a\n  b\n"), Json({{"text", "a\nb\n"}}));
    EXPECT_EQ(value_of("a:\n"), Json({{"a", nullptr}}));
    EXPECT_EQ(value_of(""), Json(nullptr));
}

TEST(Yaml, keeps_the_order_of_members) {
    EXPECT_EQ(value_of("z: 1\na: 2\nm: 3").dump(), R"({"z":1,"a":2,"m":3})");
}

TEST(Yaml, knows_the_line_of_every_node_by_its_pointer) {
    Diagnostics diagnostics;
    const YamlDocument document = parse_yaml(
        "a: 1\nlist:\n  - x\n  - {b/c: 2,\n     d~: 3}\nlast:\n  deep: 1\n", "x.yaml", diagnostics);
    EXPECT_EQ(document.line_of("/a"), 1);
    EXPECT_EQ(document.line_of("/list"), 2);
    EXPECT_EQ(document.line_of("/list/0"), 3);
    EXPECT_EQ(document.line_of("/list/1/b~1c"), 4);
    EXPECT_EQ(document.line_of("/list/1/d~0"), 5);
    EXPECT_EQ(document.line_of("/last/deep"), 7);
    EXPECT_EQ(document.line_of("/last/deep/not/there"), 7) << "the nearest ancestor";
    EXPECT_EQ(document.line_of("/nowhere"), 1);
}

TEST(Yaml, reports_every_duplicate_key_with_its_line_and_the_first) {
    EXPECT_THAT(mistakes_of("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n"),
                ElementsAre("x.yaml:4: /b: the key 'c' stands here twice (first in line 3)",
                            "x.yaml:5: /: the key 'a' stands here twice (first in line 1)"));
}

TEST(Yaml, refuses_anchors_aliases_merge_keys_and_tags) {
    EXPECT_THAT(mistakes_of("a: &x 1\nb: *x\n"),
                ElementsAre(HasSubstr("anchors (&x)"), HasSubstr("x.yaml:2: /b: aliases")));
    EXPECT_THAT(mistakes_of("a: 1\n<<: {b: 2}\n"),
                ElementsAre(HasSubstr("x.yaml:2: /: merge keys")));
    EXPECT_THAT(mistakes_of("a: !!binary aGk=\n"),
                ElementsAre(HasSubstr("x.yaml:1: /a: tags (tag:yaml.org,2002:binary)")));
}

TEST(Yaml, refuses_an_alias_bomb_without_expanding_it) {
    std::string bomb = "a0: &a0 [x]\n";
    for (int i = 1; i < 40; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + "," +
                before + "]\n";
    }
    EXPECT_FALSE(mistakes_of(bomb).empty());
}

TEST(Yaml, refuses_what_is_too_deep_too_long_or_too_many) {
    EXPECT_TRUE(mistakes_of(std::string(32, '[') + std::string(32, ']')).empty());
    EXPECT_THAT(mistakes_of(std::string(33, '[') + std::string(33, ']')),
                ElementsAre(HasSubstr("nested deeper than 32")));
    EXPECT_FALSE(mistakes_of(std::string(20000, '[')).empty())
        << "an unending one does not exhaust the stack";
    EXPECT_THAT(mistakes_of(std::string((1 << 20) + 1, ' ')),
                ElementsAre("x.yaml: /: larger than 1 MiB"));
    std::string many = "[";
    for (int i = 0; i < 20001; ++i) many += "1,";
    EXPECT_THAT(mistakes_of(many + "]"), ElementsAre(HasSubstr("more than 20000 values")));
    EXPECT_THAT(mistakes_of(std::string(200, 'k') + ": 1"),
                ElementsAre(HasSubstr("a key longer than 128 bytes")));
}

TEST(Yaml, refuses_a_second_document_and_says_where_the_syntax_breaks) {
    EXPECT_THAT(mistakes_of("a: 1\n---\nb: 2\n"),
                ElementsAre("x.yaml: /: holds more than one document"));
    EXPECT_THAT(mistakes_of("a: 1\nb: [1, 2\nc: 3\n"), ElementsAre(HasSubstr("not YAML")));
    EXPECT_THAT(mistakes_of("a: \"\\0\"\n"),
                ElementsAre("x.yaml:1: /a: a NUL character is not allowed"));
}

}  // namespace
}  // namespace patchlab
