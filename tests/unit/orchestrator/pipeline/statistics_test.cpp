// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/statistics.hpp"

#include <gtest/gtest.h>

#include <random>

namespace patchlab::pipeline {
namespace {

std::vector<double> noise(std::size_t count, double mean, double spread, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(mean, spread);
    std::vector<double> values(count);
    for (double& value : values) value = normal(random);
    return values;
}

TEST(Statistics, median_of_even_and_odd) {
    EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2);
    EXPECT_DOUBLE_EQ(median({4, 1, 2, 3}), 2.5);
    EXPECT_DOUBLE_EQ(median({}), 0);
}

TEST(Statistics, mann_whitney_agrees_with_a_worked_example) {
    // all of one side above the other: U = 64, mean 32, variance 90.67, z = (64 - 32 - 0.5) / 9.52
    // = 3.308
    const std::vector<double> low{1, 2, 3, 4, 5, 6, 7, 8}, high{9, 10, 11, 12, 13, 14, 15, 16};
    EXPECT_NEAR(larger_by_chance(low, high), 0.00047, 0.00002);
    EXPECT_GT(larger_by_chance(high, low), 0.999);
}

TEST(Statistics, mann_whitney_finds_nothing_in_equal_noise_but_once_in_a_thousand) {
    int called = 0;
    for (unsigned seed = 0; seed < 1000; ++seed)
        called +=
            larger_by_chance(noise(20, 10, 2, 2 * seed), noise(20, 10, 2, 2 * seed + 1)) < 0.001;
    EXPECT_LE(called, 4);
}

TEST(Statistics, mann_whitney_of_few_values_counts_the_ways_in_which_they_may_be_dealt_out) {
    EXPECT_DOUBLE_EQ(larger_by_chance({1, 1, 1}, {9, 9, 9}), 1.0 / 20);
    EXPECT_DOUBLE_EQ(larger_by_chance({1, 2, 3}, {4}), 1.0 / 4);
    EXPECT_DOUBLE_EQ(larger_by_chance({1, 2, 4}, {3}), 2.0 / 4);
    EXPECT_DOUBLE_EQ(larger_by_chance({1}, {2, 3, 4}), 1.0 / 4) << "the smaller side is dealt out";
    EXPECT_DOUBLE_EQ(larger_by_chance({1, 2, 2}, {2}), 3.0 / 4) << "equal values share their ranks";
    EXPECT_DOUBLE_EQ(larger_by_chance({5, 5, 5}, {5, 5}), 1);
    const std::vector<double> quick(80, 0.002), slow(7, 4.02);
    EXPECT_LT(larger_by_chance(quick, slow), 1e-9);
    EXPECT_GT(larger_by_chance(quick, {4.02}), 0.001)
        << "one value alone is no proof at that level";
}

TEST(Statistics, mann_whitney_of_few_values_agrees_with_that_of_many) {
    for (unsigned seed = 0; seed < 50; ++seed) {
        const auto before = noise(40, 10, 2, 2 * seed), after = noise(8, 11, 2, 2 * seed + 1);
        const std::vector<double> seven(after.begin(), after.end() - 1);
        EXPECT_NEAR(larger_by_chance(before, seven), larger_by_chance(before, after), 0.2) << seed;
    }
}

TEST(Statistics, too_few_values_prove_nothing) {
    EXPECT_DOUBLE_EQ(larger_by_chance({1, 1, 1}, {}), 1);
    EXPECT_DOUBLE_EQ(rises_by_chance({1, 2, 3}), 1);
    EXPECT_FALSE(stands_clear_above({1, 1}, 100, 0.1));
}

TEST(Statistics, equal_values_are_no_trend_and_no_difference) {
    EXPECT_DOUBLE_EQ(rises_by_chance(std::vector<double>(20, 5)), 1);
    EXPECT_DOUBLE_EQ(larger_by_chance(std::vector<double>(20, 5), std::vector<double>(20, 5)), 1);
}

TEST(Statistics, mann_kendall_sees_a_rise_below_noise_and_not_in_noise_alone) {
    std::vector<double> rising = noise(40, 100, 3, 7);
    for (std::size_t i = 0; i < rising.size(); ++i) rising[i] += static_cast<double>(i);
    EXPECT_LT(rises_by_chance(rising), 0.001);
    EXPECT_NEAR(slope(rising), 1, 0.2);
    int called = 0;
    for (unsigned seed = 0; seed < 1000; ++seed)
        called += rises_by_chance(noise(20, 10, 2, seed)) < 0.001;
    EXPECT_LE(called, 4);
}

TEST(Statistics, slope_is_not_moved_by_one_wild_value) {
    std::vector<double> series{0, 1, 2, 3, 1000, 5, 6, 7, 8, 9};
    EXPECT_NEAR(slope(series), 1, 0.3);
}

TEST(Statistics, dixon_calls_what_lies_far_outside_and_not_what_lies_near) {
    EXPECT_TRUE(stands_clear_above({100, 101, 102, 100}, 150, 1));
    EXPECT_FALSE(stands_clear_above({100, 120, 102, 110}, 130, 1));
    EXPECT_FALSE(stands_clear_above({100, 100, 100, 100}, 100.5, 1));
}

}  // namespace
}  // namespace patchlab::pipeline
