// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/back/desk.hpp"

#include <gtest/gtest.h>

namespace patchlab::service {
namespace {

TEST(Desk, takes_the_front_for_nobody_whoever_opened_its_way) {
    const governance::Account account = account_behind({{0}, true});
    EXPECT_FALSE(account.known());
    EXPECT_EQ(account.uid, -1);
    EXPECT_EQ(account_behind({{0}, false}).uid, 0);
    EXPECT_EQ(account_behind({{0}, false}).login, "unix-socket");
}

}  // namespace
}  // namespace patchlab::service
