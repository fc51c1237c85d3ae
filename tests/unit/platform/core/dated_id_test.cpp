// SPDX-License-Identifier: Apache-2.0
#include "platform/core/dated_id.hpp"

#include <gtest/gtest.h>

#include "platform/core/error.hpp"

namespace patchlab {
namespace {

const TimePoint noon = from_rfc3339("2026-11-30T12:00:00Z");

TEST(DatedId, is_the_first_of_the_day_that_nobody_has) {
    const auto taken = [](const std::string& id) { return id <= "c-20261130-0041"; };
    EXPECT_EQ(free_dated_id("c", noon, taken), "c-20261130-0042");
    EXPECT_EQ(next_dated_id("ro", noon, ""), "ro-20261130-0001");
    EXPECT_EQ(next_dated_id("ro", noon, "ro-20261130-0099"), "ro-20261130-0100");
    EXPECT_EQ(next_dated_id("ro", noon, "ro-20261129-0099"), "ro-20261130-0001");
}

TEST(DatedId, is_never_empty_or_longer_when_a_day_is_full) {
    const auto all = [](const std::string&) { return true; };
    EXPECT_THROW(free_dated_id("c", noon, all), Error);
    EXPECT_THROW(next_dated_id("e", noon, "e-20261130-9999"), Error);
}

}  // namespace
}  // namespace patchlab
