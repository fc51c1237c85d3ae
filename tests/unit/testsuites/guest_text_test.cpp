// SPDX-License-Identifier: Apache-2.0
#include "testsuites/guest_text.hpp"

#include <gmock/gmock.h>

namespace patchlab::testsuites {
namespace {

TEST(GuestText, keeps_valid_text_and_replaces_what_is_not_utf_8) {
    EXPECT_EQ(guest_text("grüße, 日本, 😀\n\tok"), "grüße, 日本, 😀\n\tok");
    EXPECT_EQ(guest_text("a\xc0\xaf"
                         "b"),
              "a\xef\xbf\xbd\xef\xbf\xbd"
              "b")
        << "overlong";
    EXPECT_EQ(guest_text("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") << "surrogate";
    EXPECT_EQ(guest_text("x\xe2\x82"), "x\xef\xbf\xbd\xef\xbf\xbd") << "cut short";
}

TEST(GuestText, drops_control_characters_of_both_sets) {
    EXPECT_EQ(guest_text("a\x1b]0;x\x07\r\xc2\x9b"
                         "31mb\x7f"),
              "a]0;x31mb");
}

TEST(GuestText, cuts_at_a_whole_character_and_shows_it) {
    const std::string cut = guest_text("ééééé", 8);
    EXPECT_EQ(cut, "éé…");
}

TEST(GuestText, lines_are_capped_in_number_and_length) {
    EXPECT_THAT(guest_lines("a\n\nb\nc\n", 2), ::testing::ElementsAre("a", "b"));
    EXPECT_LE(guest_lines(std::string(10000, 'x'), 5).at(0).size(), 400U);
}

}  // namespace
}  // namespace patchlab::testsuites
