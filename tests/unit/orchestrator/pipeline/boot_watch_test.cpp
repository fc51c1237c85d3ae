// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/boot_watch.hpp"

#include <gtest/gtest.h>

namespace patchlab::pipeline {
namespace {

/// Looks every ten seconds while the emulator uses `share` of a processor. Gives the second at
/// which the machine was given up.
std::optional<double> given_up_at(double usual, double share, double until) {
    BootWatch watch(usual);
    for (double now = 0; now <= until; now += 10)
        if (watch.look(now, 50 + now * share)) return now;
    return std::nullopt;
}

TEST(BootWatch, gives_up_a_machine_whose_emulator_rests) {
    const auto at = given_up_at(20, 0.01, 600);
    ASSERT_TRUE(at);
    EXPECT_LE(*at, 130);
}

TEST(BootWatch, sees_a_rest_that_begins_after_the_boot_did) {
    BootWatch watch(20);
    std::optional<double> at;
    for (double now = 0; now <= 600 && !at; now += 10)
        if (watch.look(now, std::min(now, 25.0))) at = now;
    ASSERT_TRUE(at);
    EXPECT_GE(*at, 25 + 105) << "it had rested for less";
    EXPECT_LE(*at, 25 + 130);
}

TEST(BootWatch, tells_a_machine_that_has_stopped_from_one_that_is_only_silent) {
    BootWatch watch(20);
    const std::string dead = "[    2.79] Kernel panic - not syncing: Attempted to kill init!\n";
    EXPECT_FALSE(watch.look(0, 10, dead));
    const auto given_up = watch.look(6, 16, dead);
    ASSERT_TRUE(given_up);
    EXPECT_TRUE(given_up->dead);
    BootWatch other(20);
    EXPECT_FALSE(other.look(0, std::nullopt));
    const auto silent = other.look(1600, std::nullopt);
    ASSERT_TRUE(silent);
    EXPECT_FALSE(silent->dead);
}

TEST(BootWatch, gives_up_a_machine_that_works_many_times_as_long_as_a_boot_takes) {
    const auto at = given_up_at(20, 1.0, 900);
    ASSERT_TRUE(at);
    EXPECT_GE(*at, 16 * 20);
    EXPECT_LE(*at, 16 * 20 + 20);
}

TEST(BootWatch, waits_for_a_first_boot_that_costs_several_times_the_usual) {
    EXPECT_FALSE(given_up_at(15, 1.0, 230));
}

TEST(BootWatch, waits_for_a_machine_on_a_host_that_gives_it_little_time) {
    EXPECT_FALSE(given_up_at(60, 0.2, 900));
}

TEST(BootWatch, ends_even_when_nobody_knows_what_the_emulator_does) {
    BootWatch watch(20);
    EXPECT_FALSE(watch.look(0, std::nullopt));
    EXPECT_FALSE(watch.look(1000, std::nullopt));
    EXPECT_TRUE(watch.look(1600, std::nullopt));
}

}  // namespace
}  // namespace patchlab::pipeline
