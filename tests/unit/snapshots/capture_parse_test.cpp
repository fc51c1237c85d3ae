// SPDX-License-Identifier: Apache-2.0
#include "snapshots/capture_parse.hpp"
#include "platform/core/json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"

namespace patchlab::snapshots {
namespace {

std::string record(const std::string& kind, const std::string& cls, const std::string& subject,
                   const std::string& value) {
    return kind + " " + cls + " " + std::to_string(subject.size()) + " " +
           std::to_string(value.size()) + "\n" + subject + value + "\n";
}

std::string answer(const std::vector<std::string>& records) {
    std::string text = "patchlab-capture 1 n0nce boot\n";
    for (const auto& one : records) text += one;
    return text + "E n0nce " + std::to_string(records.size()) + "\n";
}

TEST(CaptureParse, reads_the_golden_capture) {
    const fs::path folder = GOLDEN_CAPTURES;
    const Capture capture = parse_capture(read_file(folder / "small.records"), "0123456789abcdef");
    if (std::getenv("PATCHLAB_REGENERATE") != nullptr)
        write_json(folder / "small.json", to_json(capture));
    EXPECT_EQ(to_json(capture), read_json(folder / "small.json"));
}

TEST(CaptureParse, takes_a_class_for_read_only_with_its_end_mark) {
    const Capture capture =
        parse_capture(answer({record("F", "port", "tcp/80", "nginx"), record("D", "port", "", ""),
                              record("F", "user", "root", "x")}),
                      "n0nce");
    EXPECT_EQ(capture.facts.at(ChangeClass::port).at("tcp/80"), "nginx");
    EXPECT_FALSE(capture.facts.contains(ChangeClass::user));
    EXPECT_TRUE(capture.unreadable.contains(ChangeClass::user));
    EXPECT_FALSE(capture.unreadable.contains(ChangeClass::port));
}

TEST(CaptureParse, keeps_only_a_digest_of_secrets) {
    const Capture capture = parse_capture(
        answer({record("H", "user", "root password", "$y$secret"), record("D", "user", "", "")}),
        "n0nce");
    EXPECT_EQ(capture.facts.at(ChangeClass::user).at("root password"),
              "sha256:" + sha256_hex("$y$secret"));
}

TEST(CaptureParse, finds_nothing_fine_in_an_answer_that_is_cut_foreign_or_malformed) {
    const std::string good = answer({record("F", "port", "tcp/80", "nginx")});
    const std::string cases[] = {
        "",
        good.substr(0, good.size() - 30),
        "hello\n" + good,
        answer({record("F", "nonsense", "a", "b")}),
        answer({record("F", "port", "", "b")}),
        answer({record("F", "port", "a", "1") + record("F", "port", "a", "2")}),
        answer({record("D", "port", "", "").substr(0, 5) + "\n"}),
        answer({"F port 18446744073709551615 1\na\n"}),
        answer({"F port 99999 1\na\n"}),
        answer({"F port -1 1\na\n"}),
    };
    for (const std::string& text : cases) {
        const Capture capture = parse_capture(text, "n0nce");
        EXPECT_EQ(capture.unreadable.size(), live_classes().size()) << text;
        EXPECT_TRUE(capture.facts.empty()) << text;
    }
    EXPECT_EQ(parse_capture(good, "other").unreadable.size(), live_classes().size());
}

TEST(CaptureParse, does_not_let_a_class_go_on_after_its_end) {
    const Capture capture =
        parse_capture(answer({record("U", "port", "", "no"), record("F", "port", "a", "b"),
                              record("D", "user", "", "")}),
                      "n0nce");
    EXPECT_EQ(capture.unreadable.at(ChangeClass::port), "no");
    EXPECT_TRUE(capture.unreadable.contains(ChangeClass::user));
}

RC_GTEST_PROP(CaptureParseProperty, survives_any_bytes_and_gives_json_that_can_be_written, ()) {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const Capture capture =
        parse_capture("patchlab-capture 1 n b\n" + record("F", "port", "s" + bytes, bytes) +
                          record("D", "port", "", "") + bytes,
                      "n");
    RC_ASSERT(!to_json(capture).dump().empty());
}

}  // namespace
}  // namespace patchlab::snapshots
