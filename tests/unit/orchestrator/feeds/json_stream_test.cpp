// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orchestrator/feeds/json_stream.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::feeds {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Json whole(std::string_view text, const JsonLimits& limits = {}) {
    ByteSource source(text);
    Json result;
    walk_json(source, "FILE",
              {[](const JsonPath& path) { return path.empty(); },
               [&](const JsonPath&, Json&& value) { result = std::move(value); }},
              limits);
    return result;
}

std::string refusal(std::string_view text, const JsonLimits& limits = {}) {
    try {
        whole(text, limits);
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        return error.what();
    }
}

TEST(JsonStream, hands_over_what_is_wanted_and_walks_past_the_rest) {
    ByteSource source(R"({"a": {"x": [1, {"y": 2}], "z": 3}, "b": [4, {"x": 5}], "c": null})");
    std::vector<std::string> seen;
    walk_json(source, "FILE",
              {[](const JsonPath& path) { return path.size() == 2; },
               [&](const JsonPath& path, Json&& value) {
                   seen.push_back(path[0] + "/" + path[1] + "=" + value.dump());
               }});
    EXPECT_THAT(seen, ElementsAre("a/x=[1,{\"y\":2}]", "a/z=3", "b/[]=4", "b/[]={\"x\":5}"));
}

TEST(JsonStream, keeps_the_order_of_members_and_every_kind_of_value) {
    const std::string text =
        R"({"z":1,"a":-2,"m":2.5,"t":true,"n":null,"s":"ü\n","l":[[],{}],"o":{"k":"v"}})";
    EXPECT_EQ(whole(text).dump(), text);
}

TEST(JsonStream, refuses_what_is_cut_short_or_malformed) {
    EXPECT_THAT(refusal(R"({"a": [1, 2)"), HasSubstr("FILE: is malformed or cut short"));
    EXPECT_THAT(refusal(R"({"a": "b)"), HasSubstr("cut short"));
    EXPECT_THAT(refusal(""), HasSubstr("cut short"));
    EXPECT_THAT(refusal("{} {}"), HasSubstr("malformed"));
    EXPECT_THAT(refusal("{'a': 1}"), HasSubstr("malformed"));
    EXPECT_THAT(refusal("{\"a\": \"\xff\"}"), HasSubstr("malformed"));
}

TEST(JsonStream, refuses_a_member_that_is_named_twice) {
    EXPECT_THAT(refusal(R"({"a": 1, "b": {"c": 1, "d": 2, "c": 3}})"),
                HasSubstr("names 'c' twice"));
}

TEST(JsonStream, has_limits_for_depth_texts_and_values) {
    EXPECT_THAT(refusal(std::string(100, '[') + std::string(100, ']')),
                HasSubstr("deeper than 64"));
    EXPECT_EQ(refusal("[[[]]]", {.depth = 3}), "");
    EXPECT_THAT(refusal("\"" + std::string(20, 'x') + "\"", {.string = 10}), HasSubstr("too long"));
    EXPECT_THAT(refusal("[1,2,3]", {.values = 2}), HasSubstr("more than 2 values"));
}

TEST(JsonStream, stops_at_a_text_that_never_ends) {
    std::size_t given = 0;
    ByteSource source([&](char* buffer, std::size_t size) {
        buffer[0] = given == 0 ? '"' : 'x';
        for (std::size_t i = 1; i < size; ++i) buffer[i] = 'x';
        given += size;
        return size;
    });
    EXPECT_THROW(read_document(source, "FILE"), Error);
    EXPECT_LT(given, 16U << 20);
}

TEST(JsonStream, tells_the_members_of_a_text_that_is_cut) {
    EXPECT_THAT(members_at_the_beginning(R"({"a": {"b": {"c": 1}}, "d": [1], "e": "lo)"),
                ElementsAre("a", "a/b", "d", "d/[]"));
}

Json any_json(int depth) {
    const int kind = *rc::gen::inRange(0, depth > 0 ? 6 : 4);
    if (kind == 0) return *rc::gen::arbitrary<std::int64_t>();
    if (kind == 1) return *rc::gen::arbitrary<bool>();
    if (kind == 2) return nullptr;
    if (kind == 3) return *rc::gen::string<std::string>();
    Json value = kind == 4 ? Json::array() : Json::object();
    const int count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
        if (kind == 4) value.push_back(any_json(depth - 1));
        else value["k" + std::to_string(i)] = any_json(depth - 1);
    }
    return value;
}

RC_GTEST_PROP(JsonStreamProperties, gives_what_the_ordinary_parser_gives, ()) {
    const std::string text = to_line(any_json(4));
    RC_ASSERT(whole(text) == Json::parse(text));
}

RC_GTEST_PROP(JsonStreamProperties, refuses_every_beginning_of_an_object, ()) {
    const std::string text = to_line(Json{{"a", any_json(3)}, {"b", any_json(2)}});
    const auto cut = *rc::gen::inRange<std::size_t>(0, text.size());
    RC_ASSERT(!refusal(text.substr(0, cut)).empty());
}

}  // namespace
}  // namespace patchlab::feeds
