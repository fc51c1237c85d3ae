// SPDX-License-Identifier: Apache-2.0
#include "platform/core/secret.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchlab {
namespace {

TEST(Secret, a_password_is_known_by_its_hash_alone) {
    const std::string hash = hash_password("correct horse battery");
    EXPECT_THAT(hash, testing::StartsWith("$argon2id$v=19$m=65536,"));
    EXPECT_TRUE(is_password(hash, "correct horse battery"));
    EXPECT_FALSE(is_password(hash, "correct horse batterx"));
    EXPECT_FALSE(is_password(hash, ""));
    EXPECT_NE(hash_password("correct horse battery"), hash) << "each has a salt of its own";
    EXPECT_FALSE(is_password("no hash", "no hash"));
    EXPECT_FALSE(is_password(std::string(500, 'x'), "x"));
}

TEST(Secret, random_text_is_long_enough_and_never_the_same) {
    const std::string text = random_text(32);
    EXPECT_EQ(text.size(), 43U);
    EXPECT_THAT(text, testing::MatchesRegex("[A-Za-z0-9_-]+"));
    EXPECT_NE(random_text(32), text);
}

TEST(Secret, base64url_has_the_alphabet_of_urls_and_no_padding) {
    EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
    EXPECT_EQ(base64url_encode(""), "");
    EXPECT_EQ(base64url_encode("abc"), "YWJj");
}

TEST(Secret, a_checksum_finds_a_slip) {
    EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
    EXPECT_EQ(checksum_text("123456789").size(), 6U);
    EXPECT_NE(checksum_text("plt_a"), checksum_text("plt_b"));
}

TEST(Secret, secrets_are_the_same_when_every_byte_is) {
    EXPECT_TRUE(same_secret("abc", "abc"));
    EXPECT_FALSE(same_secret("abc", "abd"));
    EXPECT_FALSE(same_secret("abc", "ab"));
}

}  // namespace
}  // namespace patchlab
