// SPDX-License-Identifier: Apache-2.0
#include "platform/core/json.hpp"

#include <gtest/gtest.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab {
namespace {

template <typename Work>
std::string message_of(Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code() == ErrorCode::invalid ? error.what() : "another kind of error";
    }
    return "no error";
}

TEST(ParseJson, refuses_what_is_too_large_too_deep_or_not_json) {
    EXPECT_EQ(message_of([] { parse_json("[1,2,3]", "guest", 6); }), "guest: larger than 6 bytes");
    EXPECT_EQ(message_of([] { parse_json(std::string(100'000, '['), "guest"); }),
              "guest: nested deeper than 64");
    EXPECT_EQ(message_of([] { parse_json("{\"a\": ", "guest"); }), "guest: not JSON (byte 7)");
    EXPECT_EQ(message_of([] { parse_json("", "guest"); }), "guest: not JSON (byte 1)");
    EXPECT_EQ(message_of([] { parse_json("{} trailing", "guest"); }).substr(0, 15),
              "guest: not JSON");
    EXPECT_EQ(message_of([] { parse_json("\"\xff\"", "guest"); }).substr(0, 15), "guest: not JSON");
    EXPECT_EQ(parse_json(std::string(64, '[') + std::string(64, ']'), "guest").size(), 1U);
}

TEST(JsonText, keeps_the_order_of_keys_and_survives_text_that_is_not_utf8) {
    EXPECT_EQ(to_line(parse_json(R"({"z":1,"a":2})", "x")), R"({"z":1,"a":2})");
    const std::string text = to_line({{"name",
                                       "a\xff"
                                       "b"}});
    EXPECT_EQ(parse_json(text, "x").at("name"),
              "a\xef\xbf\xbd"
              "b");
    const TempFolder folder(fs::temp_directory_path(), "patchlab-test");
    write_json(folder.path() / "a.json", {{"k", 1}});
    EXPECT_EQ(read_file(folder.path() / "a.json"), "{\n  \"k\": 1\n}\n");
    EXPECT_EQ(read_json(folder.path() / "a.json").at("k"), 1);
}

TEST(JsonReader, names_the_place_of_every_mistake) {
    const Json json = parse_json(
        R"({"schema":"patchlab/lab/v2","text":"x","n":1.5,"big":18446744073709551615,"b":true,"null":null,
                                    "list":["a",1],"o":{"inner":{}},"objects":[{"k":1},7]})",
        "x");
    const JsonReader reader(json, "file.json");
    EXPECT_EQ(message_of([&] { reader.expect_schema("patchlab/lab/v1"); }),
              "file.json: /schema: is 'patchlab/lab/v2', expected 'patchlab/lab/v1'");
    EXPECT_EQ(message_of([&] { reader.string("none"); }), "file.json: /none: is missing");
    EXPECT_EQ(message_of([&] { reader.string("n"); }), "file.json: /n: must be a string");
    EXPECT_EQ(message_of([&] { reader.string("null"); }), "file.json: /null: must be a string");
    EXPECT_EQ(message_of([&] { reader.integer("n"); }), "file.json: /n: must be a whole number");
    EXPECT_EQ(message_of([&] { reader.integer("big"); }), "file.json: /big: is too large");
    EXPECT_EQ(message_of([&] { reader.integer("text"); }),
              "file.json: /text: must be a whole number");
    EXPECT_EQ(message_of([&] { reader.number("b"); }), "file.json: /b: must be a number");
    EXPECT_EQ(message_of([&] { reader.boolean("text"); }),
              "file.json: /text: must be true or false");
    EXPECT_EQ(message_of([&] { reader.strings("list"); }),
              "file.json: /list: must be a list of strings");
    EXPECT_EQ(message_of([&] { reader.object("o").object("inner").string("deep"); }),
              "file.json: /o/inner/deep: is missing");
    EXPECT_EQ(message_of([&] { reader.objects("objects"); }),
              "file.json: /objects/1: must be an object");
    EXPECT_EQ(message_of([&] { JsonReader(Json::array(), "file.json"); }),
              "file.json: /: must be an object");
}

TEST(JsonReader, takes_null_as_absent_for_what_is_optional_but_never_a_wrong_type) {
    const Json json = parse_json(R"({"null":null,"n":3})", "x");
    const JsonReader reader(json, "x");
    EXPECT_EQ(reader.string_or("null", "fallback"), "fallback");
    EXPECT_EQ(reader.integer_or("n", 1), 3);
    EXPECT_EQ(reader.number_or("n", 1), 3.0);
    EXPECT_EQ(reader.strings_or_empty("none").size(), 0U);
    EXPECT_EQ(message_of([&] { reader.string_or("n", ""); }), "x: /n: must be a string");
}

}  // namespace
}  // namespace patchlab
