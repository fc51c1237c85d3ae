// SPDX-License-Identifier: Apache-2.0
#include "platform/core/passphrase.hpp"

#include <gtest/gtest.h>

#include "platform/core/error.hpp"

namespace patchlab {
namespace {

TEST(Passphrase, unlocks_what_it_locked_and_nothing_that_was_altered) {
    const std::string locked = lock_with_passphrase("the keys", "correct horse", "a backup");
    EXPECT_EQ(locked.find("the keys"), std::string::npos);
    EXPECT_NE(locked, lock_with_passphrase("the keys", "correct horse", "a backup"))
        << "each time with another salt";
    EXPECT_EQ(unlock_with_passphrase(locked, "correct horse", "a backup"), "the keys");
    EXPECT_THROW(unlock_with_passphrase(locked, "correct house", "a backup"), Error);
    EXPECT_THROW(unlock_with_passphrase(locked, "correct horse", "another backup"), Error);
    std::string altered = locked;
    altered.back() ^= 1;
    EXPECT_THROW(unlock_with_passphrase(altered, "correct horse", "a backup"), Error);
    EXPECT_THROW(unlock_with_passphrase(locked.substr(0, 50), "correct horse", "a backup"), Error);
    EXPECT_THROW(lock_with_passphrase("the keys", "short", ""), Error);
}

}  // namespace
}  // namespace patchlab
