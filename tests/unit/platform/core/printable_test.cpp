// SPDX-License-Identifier: Apache-2.0
#include "platform/core/text.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace patchlab
