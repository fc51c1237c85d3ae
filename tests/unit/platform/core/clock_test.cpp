// SPDX-License-Identifier: Apache-2.0
#include "platform/core/clock.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "platform/core/error.hpp"

namespace patchlab {
namespace {

TEST(Rfc3339, is_utc_whatever_the_hosts_time_zone_is) {
    ::setenv("TZ", "Asia/Kolkata", 1);
    ::tzset();
    EXPECT_EQ(to_rfc3339(TimePoint(std::chrono::seconds(1'795'412'842))), "2026-11-23T05:47:22Z");
    EXPECT_EQ(from_rfc3339("2026-11-23T05:47:22Z"), TimePoint(std::chrono::seconds(1'795'412'842)));
    EXPECT_EQ(from_rfc3339("2026-12-31"), from_rfc3339("2026-12-31T00:00:00Z"));
    ::unsetenv("TZ");
    ::tzset();
}

TEST(Rfc3339, refuses_what_is_not_a_time) {
    for (const char* text :
         {"", "tomorrow", "2026-13-01", "2026-11-23T05:47:22", "2026-11-23T05:47:22+01:00",
          "2026-12-31 ", "12-31-2026", "2999-01-01T00:00:00Z", "9999-12-31", "0001-01-01"})
        EXPECT_THROW(from_rfc3339(text), Error) << text;
}

TEST(Deadline, passes_and_never_has_negative_time_left) {
    const Deadline past(Seconds(-1));
    EXPECT_TRUE(past.passed());
    EXPECT_EQ(past.left().count(), 0);
    const Deadline future(Seconds(60));
    EXPECT_FALSE(future.passed());
    EXPECT_GT(future.left().count(), 55'000);
    EXPECT_LE(future.left().count(), 60'000);
}

}  // namespace
}  // namespace patchlab
