// SPDX-License-Identifier: Apache-2.0
#include "platform/core/schema.hpp"

#include <gmock/gmock.h>

#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> check(const char* schema, const char* yaml) {
    Diagnostics diagnostics;
    const YamlDocument document = parse_yaml(yaml, "x.yaml", diagnostics);
    EXPECT_TRUE(diagnostics.ok());
    Schema(schema).check(document, diagnostics);
    std::vector<std::string> out;
    for (const Diagnostic& item : diagnostics.items) out.push_back(item.text());
    return out;
}

TEST(Schema, reports_every_mistake_with_line_and_path) {
    const char* schema =
        R"({"type": "object", "required": ["name", "size"], "additionalProperties": false, "properties": {
        "name": {"type": "string", "minLength": 1}, "size": {"type": "integer", "minimum": 1, "maximum": 9},
        "kind": {"enum": ["fast", "slow"]}, "tags": {"type": "array", "uniqueItems": true, "minItems": 1, "items": {"type": "string"}}}})";
    EXPECT_THAT(
        check(schema, "name: ''\nkind: fats\ntags:\n  - a\n  - 7\n  - a\nsizes: 4\n"),
        ElementsAre("x.yaml:1: /: 'size' is missing", "x.yaml:1: /name: must not be empty",
                    "x.yaml:2: /kind: 'fats' is none of fast and slow; did you mean 'fast'?",
                    "x.yaml:5: /tags/1: must be a string, is a whole number (put it in quotes)",
                    "x.yaml:6: /tags/2: 'a' stands here twice",
                    "x.yaml:7: /sizes: there is no key 'sizes' here; did you mean 'size'?"));
    EXPECT_THAT(check(schema, "name: x\nsize: 10\ntags: []\n"),
                ElementsAre("x.yaml:2: /size: must be at most 9, is 10",
                            "x.yaml:3: /tags: must not be empty"));
    EXPECT_THAT(check(schema, "name: x\nsize: 9\ntags: [a]\n"), IsEmpty());
}

TEST(Schema, names_the_mistakes_of_the_one_form_that_fits_the_type) {
    const char* schema =
        R"({"oneOf": [{"title": "a size such as 512M", "type": "string", "pattern": "^[0-9]+[MG]$"},
                                       {"title": "a number", "type": "integer", "minimum": 1}]})";
    EXPECT_THAT(check(schema, "5x"), ElementsAre("x.yaml:1: /: '5x' is not a size such as 512M"));
    EXPECT_THAT(check(schema, "0"), ElementsAre("x.yaml:1: /: must be at least 1, is 0"));
    EXPECT_THAT(check(schema, "[]"),
                ElementsAre("x.yaml:1: /: must be a size such as 512M or a number, is a list"));
    EXPECT_THAT(check(schema, "512M"), IsEmpty());
}

TEST(Schema, says_which_one_of_several_keys_is_wanted) {
    const char* schema =
        R"({"type": "object", "oneOf": [{"required": ["http"]}, {"required": ["tcp"]}, {"required": ["run"]}]})";
    EXPECT_THAT(check(schema, "{}"), ElementsAre("x.yaml:1: /: must have one of http, tcp or run"));
    EXPECT_THAT(check(schema, "{http: 1, run: 2}"),
                ElementsAre("x.yaml:1: /: must have only one of http and run"));
    EXPECT_THAT(check(schema, "{tcp: 1}"), IsEmpty());
}

TEST(Schema, follows_references_and_patterns_of_keys) {
    const char* schema =
        R"({"type": "object", "propertyNames": {"title": "a lower-case name", "pattern": "^[a-z]+$"},
        "patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": {"$ref": "#/$defs/word"},
        "$defs": {"word": {"const": "yes"}}})";
    EXPECT_THAT(check(schema, "B: 'yes'\nxa: one\nok: no\n"),
                ElementsAre("x.yaml:1: /B: 'B' is not a lower-case name",
                            "x.yaml:2: /xa: must be a whole number, is a string",
                            "x.yaml:3: /ok: must be 'yes', is 'no'"));
}

TEST(Schema, a_pattern_anchors_at_the_whole_string_and_not_at_its_lines) {
    EXPECT_FALSE(check(R"({"type": "string", "pattern": "^[a-z]+$"})", "\"ok\\nrm -rf\"").empty());
}

TEST(Schema, refuses_a_schema_it_cannot_apply_in_full) {
    for (const char* wrong :
         {R"({"if": {}})", R"({"properties": {"a": {"format": "date"}}})",
          R"({"oneOf": [{"not": {}}]})", R"({"$ref": "#/$defs/none"})", R"({"$ref": "other.json"})",
          R"({"pattern": "^\\d+$"})", R"({"pattern": "(?i)x"})", R"({"pattern": "("})"}) {
        EXPECT_THROW(Schema{wrong}, Error) << wrong;
    }
}

TEST(Schema, a_reference_that_leads_to_itself_ends_in_an_error) {
    Diagnostics diagnostics;
    const YamlDocument document = parse_yaml("1", "x.yaml", diagnostics);
    EXPECT_THROW(Schema(R"({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}})")
                     .check(document, diagnostics),
                 Error);
}

TEST(NearestWord, proposes_only_what_is_close) {
    const std::vector<std::string> known{"machines", "networks", "name"};
    EXPECT_EQ(nearest_word("machine", known), "machines");
    EXPECT_EQ(nearest_word("netwroks", known), "networks");
    EXPECT_EQ(nearest_word("nmae", known), "name") << "swapped neighbours are one mistake";
    EXPECT_EQ(nearest_word("suites", known), "");
}

}  // namespace
}  // namespace patchlab
